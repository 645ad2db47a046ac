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
        int tree = Overlay(setting, OverlayParts.Of(surroundings), root, setting.Maps ?? IdMaps.From(setting.Linux), subpath: null);
        setting.Descriptors.Add(tree);
        return tree;
    }

    /// <summary>
    /// An overlay as a detached mount, which the caller closes. With maps it is one of idmapped layers (Linux 5.19): on the disk all files have
    /// the ids of the container, also those it writes, so layers need no copy, and its own layer fits whatever ids it is given next. Overlay
    /// acts as whoever mounted it, which must be somebody whom the maps know: the container's root, with all capabilities of the host's.
    /// </summary>
    /// <param name="setting">Keeps what is opened on the way.</param>
    /// <param name="parts">Its directories.</param>
    /// <param name="root">A directory that it can be mounted over for that moment.</param>
    /// <param name="maps">Null for the ids that are on the disk.</param>
    /// <param name="subpath">Only what is there of it.</param>
    public static int Overlay(Setting setting, OverlayParts parts, string root, IdMaps? maps, string? subpath)
    {
        using var plan = new StepPlan();
        plan.Add(
            RuntimeStages.Overlay,
            "mount(/, rprivate)",
            new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = LibC.MS_PRIVATE | LibC.MS_REC });
        if (maps is not null) MapLayers(plan, setting, parts, maps);
        AddOverlay(plan, setting, parts, root, maps);
        DetachedTree.Send(plan, root, subpath);
        try
        {
            return Birth.MakeTree(plan, setting);
        }
        catch (RuntimeFailureException e) when (maps is not null && e.Failure is { Errno: Errno.EINVAL } && e.Failure.Call.StartsWith("mount(overlay", StringComparison.Ordinal))
        {
            throw new RuntimeFailureException(
                RuntimeStages.Overlay,
                $"The layers cannot be mounted for a user namespace: an overlay of idmapped layers needs Linux 5.19 ({e.Failure.Text}).",
                e.Failure.Call,
                e.Failure.Errno);
        }
        catch (RuntimeFailureException e) when (subpath is not null && e.Failure is { Errno: Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP, Stage: RuntimeStages.Volume })
        {
            throw new RuntimeFailureException(RuntimeStages.Volume, $"'{subpath}' is not in the image that is to be mounted.", e.Failure.Call, e.Failure.Errno);
        }
    }

    private static void MapLayers(StepPlan plan, Setting setting, OverlayParts parts, IdMaps maps)
    {
        int userNamespace = setting.OpenMaps(maps);
        foreach (string directory in parts.Lower) AttachOver(plan, setting, userNamespace, directory);
        // Both through one mount, which overlay insists on.
        if (Path.GetDirectoryName(parts.Upper) is { } own)
        {
            if (Path.GetDirectoryName(parts.Work) != own)
                throw new RuntimeFailureException(RuntimeStages.Overlay, "supervise.json: upperDirectory and workDirectory must lie in one directory.");
            AttachOver(plan, setting, userNamespace, own);
        }

        plan.Add(RuntimeStages.Overlay, "setfsuid()", new Step
        {
            Kind = StepKind.FileSystemIds,
            Value = maps.Users.ToHost(maps.Users.Root)!.Value,
            Extra = maps.Groups.ToHost(maps.Groups.Root)!.Value,
        });
    }

    private static void AddOverlay(StepPlan plan, Setting setting, OverlayParts parts, string root, IdMaps? maps)
    {
        // Overlay of one layer without another to write to is that layer.
        if (parts is { Lower: [var only], Upper: null })
        {
            plan.Add(RuntimeStages.Overlay, $"mount({only}, bind)", new Step
            {
                Kind = StepKind.Mount, Source = plan.Text(only), Path = plan.Text(root), Flags = LibC.MS_BIND,
            });
            return;
        }

        RootFileSystem.AddOverlay(plan, parts, setting.Descriptors, root, maps is null ? "overlay" : "overlay of idmapped layers");
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
