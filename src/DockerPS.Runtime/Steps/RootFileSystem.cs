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
    /// <summary>rootfsPropagation lets mounts of the container reach the machine.</summary>
    public static bool IsShared(Setting setting) => setting.Linux.RootfsPropagation is "shared" or "rshared";

    public static void Mount(StepPlan plan, Setting setting)
    {
        string root = Path.GetFullPath(setting.Config.Root?.Path ?? throw Setting.Invalid("$.root: is missing"), setting.Bundle);
        ulong propagation = Propagation(setting);
        bool overlay = setting.Surroundings is { LowerDirectories.Count: > 0 };
        if (!overlay && !setting.JoinsMountNamespace && !Directory.Exists(root))
        {
            throw new RuntimeFailureException(
                RuntimeStages.Mounts, $"$.root.path: the root file system '{root}' is not there, or is no directory.", $"open({root})", Errno.ENOENT);
        }

        if (setting.HasMountNamespace)
        {
            // Without those of the machine as peers, nothing that is mounted from here on shows there. Volumes that shall reach it
            // are opened by the parent.
            plan.Add(RuntimeStages.Mounts, "mount(/, propagation)", new Step
            {
                Kind = StepKind.Mount,
                Path = plan.Text("/"),
                Flags = LibC.MS_REC | ((propagation & 7) is 1 or 2 ? LibC.MS_PRIVATE : LibC.MS_SLAVE),
            });
            if (RootTree.Open(setting, root) is >= 0 and int tree)
            {
                plan.Add(RuntimeStages.Mounts, $"move_mount({root})", new Step { Kind = StepKind.AttachRoot, Fd = tree });
            }
            else
            {
                if (overlay) MountOverlay(plan, setting, root);
                else MountDirectory(plan, root);
                OpenRoot(plan, root);
            }
        }
        else
        {
            RefuseWithoutMountNamespace(setting);
            OpenRoot(plan, root, DetachedRoot.IsUsed(setting));
        }

        // A read-only root has no working directory made in it later.
        if (setting.Config.Root.Readonly && setting.Process.Cwd is { Length: > 1 } cwd)
        {
            plan.Add(
                RuntimeStages.WorkingDirectory,
                $"mkdir({cwd})",
                new Step { Kind = StepKind.DirectoryAt, Path = plan.Text(Path.GetFullPath(cwd, "/")) });
        }
    }

    /// <summary>For another runtime: the root at its own path, in the mount namespace in which that runtime then starts.</summary>
    public static void MountForOther(StepPlan plan, Setting setting)
    {
        string root = Path.GetFullPath(setting.Config.Root!.Path, setting.Bundle);
        plan.Add(
            RuntimeStages.Mounts,
            "mount(/, rslave)",
            new Step { Kind = StepKind.Mount, Path = plan.Text("/"), Flags = LibC.MS_REC | LibC.MS_SLAVE });
        if (setting.Surroundings is { LowerDirectories.Count: > 0 }) MountOverlay(plan, setting, root);
        // Where that runtime looks for what it is to bind.
        foreach ((int mount, int tree) in setting.MountTrees)
        {
            string place = setting.Config.Mounts![mount].Source!;
            plan.Add(RuntimeStages.Volume, $"move_mount({place})", new Step { Kind = StepKind.AttachOver, Fd = tree, Path = plan.Text(place) });
        }
    }

    public static void Pivot(StepPlan plan, Setting setting)
    {
        if (!setting.HasMountNamespace)
        {
            plan.Add(RuntimeStages.PivotRoot, "chroot()", new Step { Kind = StepKind.ChangeRoot });
            return;
        }

        if (setting.NoPivot)
        {
            plan.Add(
                RuntimeStages.PivotRoot,
                "mount(/, move)",
                new Step { Kind = StepKind.ChangeRoot, Value = 1, Data = plan.Text(MountsBelowRoot()) });
        }
        else
        {
            plan.Add(RuntimeStages.PivotRoot, "pivot_root()", new Step { Kind = StepKind.PivotRoot });
        }

        ulong attributes = setting.Config.Root is { Readonly: true } ? LibC.MOUNT_ATTR_RDONLY : 0;
        ulong propagation = Propagation(setting) is var asked && (asked & 7) is 1 or 4 ? asked : 0;
        if (attributes == 0 && propagation == 0) return;
        plan.Add(RuntimeStages.PivotRoot, "mount_setattr(/)", new Step
        {
            Kind = StepKind.RootAttributes,
            // pivot_root(2) refuses a shared root, so it becomes the peer of the machine's only now.
            Fd = (propagation & 7) == 4 ? OpenPeer(setting) : 0,
            Flags = attributes,
            Propagation = propagation,
        });
    }

    private static ulong Propagation(Setting setting)
    {
        if (setting.Linux.RootfsPropagation is not { Length: > 0 } text) return 0;
        ulong propagation = MountOptions.PropagationOf(text);
        return propagation != 0
            ? propagation
            : throw Setting.Invalid(
                $"$.linux.rootfsPropagation: '{text}' is none of shared, slave, private and unbindable, or one of these after an 'r'");
    }

    private static void OpenRoot(StepPlan plan, string root, bool detached = false) =>
        plan.Add(
            RuntimeStages.Mounts,
            $"open({root})",
            new Step { Kind = StepKind.OpenRoot, Path = plan.Text(root), Value = detached ? 1UL : 0 });

    private static void MountDirectory(StepPlan plan, string root) =>
        plan.Add(RuntimeStages.Mounts, $"mount({root}, bind)", new Step
        {
            Kind = StepKind.Mount,
            Source = plan.Text(root),
            Path = plan.Text(root),
            Flags = LibC.MS_BIND | LibC.MS_REC,
        });

    private static void MountOverlay(StepPlan plan, Setting setting, string root) =>
        AddOverlay(plan, OverlayParts.Of(setting.Surroundings!), setting.Descriptors, root, "overlay");

    /// <summary>
    /// A clone of the machine's mount that the root is on, or 0 for an overlay, which the machine does not have, and in a user namespace,
    /// from which the kernel lets no mount reach the machine.
    /// </summary>
    private static int OpenPeer(Setting setting)
    {
        if (setting.InUserNamespace || setting.Surroundings is { LowerDirectories.Count: > 0 }) return 0;
        string root = Path.GetFullPath(setting.Config.Root!.Path, setting.Bundle);
        int tree = LibC.CloneTree(root, recursive: false);
        if (tree < 0) throw RuntimeFailureException.From(RuntimeStages.Mounts, new LinuxException($"$.root.path: open_tree({root})", -tree));
        setting.Descriptors.Add(tree);
        return tree;
    }

    private static void RefuseWithoutMountNamespace(Setting setting)
    {
        string? property = setting.Linux.MaskedPaths is { Count: > 0 } ? "linux.maskedPaths"
            : setting.Linux.ReadonlyPaths is { Count: > 0 } ? "linux.readonlyPaths"
            : setting.Config.Root!.Readonly ? "root.readonly"
            : setting.Linux.RootfsPropagation is { Length: > 0 } ? "linux.rootfsPropagation"
            : setting.Surroundings is { LowerDirectories.Count: > 0 } ? "root.path"
            : null;
        if (property is not null)
            throw Setting.Invalid($"$.{property}: needs a mount namespace, or it would change the machine; add one to $.linux.namespaces");
    }

    /// <summary>Mounts of this namespace that are right below "/", zero-terminated and ended by an empty one: the others go with them.</summary>
    private static string MountsBelowRoot()
    {
        const int IdField = 0, ParentField = 1, PathField = 4;
        var text = new StringBuilder();
        var lines = new List<string[]>();
        foreach (string line in File.ReadLines("/proc/self/mountinfo")) lines.Add(line.Split(' '));
        string? root = lines.Find(f => f[PathField] == "/")?[IdField];
        foreach (string[] fields in lines)
        {
            if (fields[ParentField] != root || fields[PathField] == "/") continue;
            text.Append(fields[PathField].Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\"));
            text.Append('\0');
        }

        return text.Append('\0').ToString();
    }

    /// <summary>
    /// Directories by descriptor, as names of the directory of descriptors: names in a store's path need no escaping, and as many layers as
    /// overlay takes fit into mount(2)'s one page.
    /// </summary>
    /// <param name="plan">Gets the steps.</param>
    /// <param name="parts">The directories.</param>
    /// <param name="descriptors">Gets what is opened for it.</param>
    /// <param name="root">What it is mounted over.</param>
    /// <param name="kind">For the message of a failure.</param>
    public static void AddOverlay(StepPlan plan, OverlayParts parts, List<int> descriptors, string root, string kind)
    {
        string options = OverlayOptions(plan, parts, descriptors);
        EnterDirectory(plan, LibC.OwnDescriptors);
        plan.Add(RuntimeStages.Overlay, $"mount({kind}, {root})", new Step
        {
            Kind = StepKind.Mount,
            Source = plan.Text("overlay"),
            Path = plan.Text(root),
            Type = plan.Text("overlay"),
            Data = plan.Text(options),
        });
        EnterDirectory(plan, "/");
    }

    private static void EnterDirectory(StepPlan plan, string directory) =>
        plan.Add(RuntimeStages.Overlay, $"chdir({directory})", new Step { Kind = StepKind.EnterDirectory, Path = plan.Text(directory) });

    private static string OverlayOptions(StepPlan plan, OverlayParts parts, List<int> descriptors)
    {
        var options = new StringBuilder("lowerdir=");
        for (int i = 0; i < parts.Lower.Count; i++)
        {
            if (i > 0) options.Append(':');
            options.Append(ByDescriptor(plan, parts.Lower[i], descriptors));
        }

        if (parts is { Upper: { } upper, Work: { } work })
        {
            options.Append(",upperdir=").Append(ByDescriptor(plan, upper, descriptors));
            options.Append(",workdir=").Append(ByDescriptor(plan, work, descriptors));
            if (parts.Volatile) options.Append(",volatile");
        }

        return options.ToString();
    }

    private static int ByDescriptor(StepPlan plan, string directory, List<int> descriptors)
    {
        try
        {
            int fd = LibC.Open(directory, LibC.O_PATH | LibC.O_DIRECTORY);
            descriptors.Add(fd);
            plan.Add(
                RuntimeStages.Overlay,
                $"open({directory})",
                new Step { Kind = StepKind.ReopenDirectory, Path = plan.Text(directory), Fd = fd });
            return fd;
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Overlay, e);
        }
    }
}
