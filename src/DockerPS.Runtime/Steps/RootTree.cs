using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// The root file system of a container in another user namespace, mounted before it is born: its own root has no rights to the paths
/// that lead there, nor any to mount an overlay over files of the host.
/// </summary>
internal static unsafe class RootTree
{
    /// <summary>A detached mount for the child to attach; -1 where the child mounts the root itself.</summary>
    public static int Open(Setting setting, string root)
    {
        if (!setting.InUserNamespace || !setting.Privileged) return -1;
        if (setting.Surroundings is not { LowerDirectories.Count: > 0 } surroundings)
            return MappedTree.Clone(setting, RuntimeStages.Mounts, root, recursive: true);
        int tree = Overlay(setting, surroundings, root);
        setting.Descriptors.Add(tree);
        return tree;
    }

    /// <summary>
    /// An overlay of idmapped layers (Linux 5.19). On the disk all files have the ids of the container, also those it writes: layers
    /// need no copy, and its own layer fits whatever ids it is given next. Overlay acts as whoever mounted it, which must be somebody
    /// whom the maps know: the container's root, with all capabilities of the host's.
    /// </summary>
    private static int Overlay(Setting setting, SuperviseConfig surroundings, string root)
    {
        IdMaps maps = setting.Maps ?? IdMaps.From(setting.Linux);
        int userNamespace = setting.OpenMaps(maps);
        using var plan = new StepPlan();
        plan.Add(
            RuntimeStages.Overlay,
            "mount(/, rprivate)",
            new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = LibC.MS_PRIVATE | LibC.MS_REC });
        foreach (string directory in surroundings.LowerDirectories) AttachOver(plan, setting, userNamespace, directory);
        // Both through one mount, which overlay insists on.
        if (Path.GetDirectoryName(surroundings.UpperDirectory) is { } own)
        {
            if (Path.GetDirectoryName(surroundings.WorkDirectory) != own)
                throw new RuntimeFailureException(RuntimeStages.Overlay, "supervise.json: upperDirectory and workDirectory must lie in one directory.");
            AttachOver(plan, setting, userNamespace, own);
        }

        plan.Add(RuntimeStages.Overlay, "setfsuid()", new Step
        {
            Kind = StepKind.FileSystemIds,
            Value = maps.Users.ToHost(maps.Users.Root)!.Value,
            Extra = maps.Groups.ToHost(maps.Groups.Root)!.Value,
        });
        string options = RootFileSystem.OverlayOptions(plan, surroundings, setting.Descriptors);
        plan.Add(RuntimeStages.Overlay, $"mount(overlay of idmapped layers, {root})", new Step
        {
            Kind = StepKind.Mount,
            Source = plan.Text("overlay"),
            Path = plan.Text(root),
            Type = plan.Text("overlay"),
            Data = plan.Text(options),
        });
        plan.Add(RuntimeStages.Overlay, $"open_tree({root})", new Step { Kind = StepKind.SendTree, Path = plan.Text(root) });
        try
        {
            return Birth.MakeTree(plan, setting);
        }
        catch (RuntimeFailureException e) when (e.Failure is { Errno: Errno.EINVAL } && e.Failure.Call.StartsWith("mount(overlay", StringComparison.Ordinal))
        {
            throw new RuntimeFailureException(
                RuntimeStages.Overlay,
                $"The layers cannot be mounted for a user namespace: an overlay of idmapped layers needs Linux 5.19 ({e.Failure.Text}).",
                e.Failure.Call,
                e.Failure.Errno);
        }
    }

    private static void AttachOver(StepPlan plan, Setting setting, int userNamespace, string directory)
    {
        int tree = MappedTree.Clone(setting, RuntimeStages.Overlay, directory, recursive: false);
        MappedTree.Map(tree, userNamespace, recursive: false, RuntimeStages.Overlay, directory);
        plan.Add(
            RuntimeStages.Overlay,
            $"move_mount({directory})",
            new Step { Kind = StepKind.AttachOver, Fd = tree, Path = plan.Text(directory) });
    }
}
