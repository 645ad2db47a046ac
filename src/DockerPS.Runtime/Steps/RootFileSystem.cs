using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// The root file system: an overlay over the image's layers, or a directory as it is. It is mounted in the container's own mount
/// namespace, so it never shows on the host and goes when the last process goes, whatever is killed.
/// </summary>
internal static unsafe class RootFileSystem
{
    public static void Mount(StepPlan plan, Setting setting)
    {
        // Without a mount namespace that is new, all that follows would change the mounts, and the root, of whoever else is in it: the host.
        if (!setting.Has("mount"))
            throw Setting.Invalid("$.linux.namespaces: a container needs a new mount namespace; add { \"type\": \"mount\" } without a path");
        string root = Path.GetFullPath(setting.Config.Root?.Path ?? throw Setting.Invalid("root is missing"), setting.Bundle);
        ulong propagation = MountOptions.PropagationOf(setting.Linux.RootfsPropagation) is var p && p != 0
            ? p
            : LibC.MS_SLAVE | LibC.MS_REC;
        plan.Add(
            RuntimeStages.Mounts,
            "mount(/, propagation)",
            new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = propagation });
        if ((propagation & LibC.MS_SHARED) != 0)
        {
            // pivot_root(2) refuses a new root whose parent mount is shared.
            plan.Add(
                RuntimeStages.Mounts,
                "mount(/, private)",
                new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = LibC.MS_PRIVATE });
        }

        if (RootTree.Open(setting, root) is >= 0 and int tree)
        {
            plan.Add(RuntimeStages.Mounts, $"move_mount({root})", new Step { Kind = StepKind.AttachRoot, Fd = tree });
            return;
        }

        if (setting.Surroundings is { LowerDirectories.Count: > 0 } surroundings)
        {
            string options = OverlayOptions(plan, surroundings, setting.Descriptors);
            plan.Add(RuntimeStages.Overlay, $"mount(overlay, {root})", new Step
            {
                Kind = StepKind.Mount,
                Source = plan.Text("overlay"),
                Path = plan.Text(root),
                Type = plan.Text("overlay"),
                Data = plan.Text(options),
            });
        }
        else
        {
            plan.Add(RuntimeStages.Mounts, $"mount({root}, bind)", new Step
            {
                Kind = StepKind.Mount,
                Source = plan.Text(root),
                Path = plan.Text(root),
                Flags = LibC.MS_BIND | LibC.MS_REC,
            });
        }

        plan.Add(RuntimeStages.Mounts, $"open({root})", new Step { Kind = StepKind.OpenRoot, Path = plan.Text(root) });
    }

    public static void Pivot(StepPlan plan, Setting setting)
    {
        plan.Add(RuntimeStages.PivotRoot, "pivot_root()", new Step { Kind = StepKind.PivotRoot });
        if (setting.Config.Root is { Readonly: true })
        {
            plan.Add(
                RuntimeStages.PivotRoot,
                "mount_setattr(/, ro)",
                new Step { Kind = StepKind.RootAttributes, Flags = LibC.MOUNT_ATTR_RDONLY });
        }
    }

    /// <summary>Directories by descriptor: names in a store's path need no escaping, and 128 layers fit into mount(2)'s one page.</summary>
    public static string OverlayOptions(StepPlan plan, SuperviseConfig surroundings, List<int> descriptors)
    {
        var options = new StringBuilder("lowerdir=");
        for (int i = 0; i < surroundings.LowerDirectories.Count; i++)
        {
            if (i > 0) options.Append(':');
            options.Append(ByDescriptor(plan, surroundings.LowerDirectories[i], descriptors));
        }

        if (surroundings.UpperDirectory is { } upper && surroundings.WorkDirectory is { } work)
        {
            options.Append(",upperdir=").Append(ByDescriptor(plan, upper, descriptors));
            options.Append(",workdir=").Append(ByDescriptor(plan, work, descriptors));
            if (surroundings.Volatile) options.Append(",volatile");
        }

        return options.ToString();
    }

    private static string ByDescriptor(StepPlan plan, string directory, List<int> descriptors)
    {
        try
        {
            int fd = LibC.Open(directory, LibC.O_PATH | LibC.O_DIRECTORY);
            descriptors.Add(fd);
            plan.Add(
                RuntimeStages.Overlay,
                $"open({directory})",
                new Step { Kind = StepKind.ReopenDirectory, Path = plan.Text(directory), Fd = fd });
            return "/proc/self/fd/" + fd;
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Overlay, e);
        }
    }
}
