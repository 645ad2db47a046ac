using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Volumes;

namespace DockerPS.Runtime.Trees;

/// <summary>
/// Where one end of a copy is: the host, or a container's root. Paths of a container are resolved by the kernel below its root, whatever the
/// container links or renames meanwhile.
/// </summary>
internal sealed unsafe class CopyRoot : IDisposable
{
    private readonly bool _isHost;
    private readonly List<(uint Inside, uint Outside, uint Size)> _users = [], _groups = [];
    private int _root;

    private CopyRoot(int root, bool isHost, string name) => (_root, _isHost, Name) = (root, isHost, name);

    /// <summary>For messages.</summary>
    public string Name { get; }

    public bool IsRunning { get; private init; }

    /// <summary>Owners are seen through the maps of a user namespace.</summary>
    public bool IsMapped => _users.Count > 0;

    public static CopyRoot Host() => new(LibC.Open("/", LibC.O_PATH | LibC.O_DIRECTORY), isHost: true, "");

    public static CopyRoot Of(CopyEnd container) => container.Pid > 0 ? Running(container) : Stopped(container);

    /// <summary>Opens a path; -errno on failure.</summary>
    public int Open(ReadOnlySpan<byte> path, int flags)
    {
        byte[] name = NativePath.Terminate(path.IsEmpty ? "."u8 : path);
        fixed (byte* pointer = name)
        {
            if (!_isHost) return LibC.OpenInRoot(_root, pointer, flags);
            return (int)Syscall.Invoke(Syscall.OpenAt, _root, (nint)pointer, flags | LibC.O_CLOEXEC);
        }
    }

    /// <summary>Owner as the container itself numbers it.</summary>
    public (uint Uid, uint Gid) Inside(uint uid, uint gid) => (Map(_users, uid, inward: true), Map(_groups, gid, inward: true));

    /// <summary>Owner as the kernel numbers it here.</summary>
    public (uint Uid, uint Gid) Outside(uint uid, uint gid) => (Map(_users, uid, inward: false), Map(_groups, gid, inward: false));

    /// <summary>Who owns what is copied here without its owner.</summary>
    public (uint Uid, uint Gid) DefaultOwner => _isHost ? (LibC.geteuid(), LibC.getegid()) : Outside(0, 0);

    public void Dispose() => LibC.Close(ref _root);

    private static CopyRoot Running(CopyEnd container)
    {
        int root = LibC.open($"/proc/{container.Pid}/root", LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (root < 0 || ProcStat.StartTime(container.Pid) != container.StartTime)
        {
            LibC.Close(ref root);
            throw LayerException.Of(RuntimeStages.Config, $"Container '{container.Name}' has just ended. Copy again.");
        }

        var opened = new CopyRoot(root, isHost: false, container.Name) { IsRunning = true };
        opened.ReadMap(container.Pid, "uid_map", opened._users);
        opened.ReadMap(container.Pid, "gid_map", opened._groups);
        return opened;
    }

    private void ReadMap(int pid, string file, List<(uint, uint, uint)> ranges)
    {
        foreach (string line in Encoding.ASCII.GetString(LibC.TryReadFile($"/proc/{pid}/{file}") ?? []).Split('\n'))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3) continue;
            (uint inside, uint outside, uint size) = (Number(fields[0]), Number(fields[1]), Number(fields[2]));
            // The machine's own.
            if (inside == 0 && outside == 0 && size == uint.MaxValue) return;
            ranges.Add((inside, outside, size));
        }

        static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Its layers and mounts in a mount namespace that goes with this process. The caller holds the container, so that it is not started.</summary>
    private static CopyRoot Stopped(CopyEnd container)
    {
        const int NewMounts = 0x20000; // CLONE_NEWNS
        if (LibC.unshare(NewMounts) != 0) throw LibC.Failure("unshare(CLONE_NEWNS)");
        LibC.Mount(null, "/", null, LibC.MS_REC | LibC.MS_PRIVATE, null);
        MountLayers(container);
        var opened = new CopyRoot(LibC.Open(container.Root, LibC.O_PATH | LibC.O_DIRECTORY), isHost: false, container.Name);
        var setting = new Setting { Config = new RuntimeConfig(), Process = new RuntimeProcess { Args = ["mount"] }, Bundle = "/" };
        foreach (CopyMount mount in container.Mounts) opened.Attach(mount, setting, container);
        return opened;
    }

    /// <summary>Directories by descriptor of this namespace: names in a store's path need no escaping, and many layers fit into one page.</summary>
    private static void MountLayers(CopyEnd container)
    {
        List<int> opened = [];
        int ByDescriptor(string directory)
        {
            opened.Add(LibC.Open(directory, LibC.O_PATH | LibC.O_DIRECTORY));
            return opened[^1];
        }

        string options = "lowerdir=" + string.Join(':', container.Layers.Select(ByDescriptor)) + ",upperdir=" + ByDescriptor(container.UpperDirectory)
            + ",workdir=" + ByDescriptor(container.WorkDirectory);
        Environment.CurrentDirectory = LibC.OwnDescriptors;
        LibC.Mount("overlay", container.Root, "overlay", 0, options);
        Environment.CurrentDirectory = "/";
        foreach (int descriptor in opened) _ = LibC.close(descriptor);
    }

    private void Attach(CopyMount mount, Setting setting, CopyEnd container)
    {
        int tree = -1, target = -1;
        if (mount.Source is { } source)
        {
            using var sources = new MountedSources(setting, container.Layers, container.Root);
            tree = source.Type == "tmpfs" ? sources.OpenOfPeer(source) : sources.Open(source);
        }

        if (tree < 0 && (mount.InMemory || mount.Source?.Type == "tmpfs"))
        {
            AttachNothing(mount);
            return;
        }

        if (tree < 0) tree = LibC.CloneTree(mount.Path, recursive: !mount.NonRecursive);
        // A bind whose source is gone is told of when the container starts.
        if (tree < 0) return;
        try
        {
            if (mount.ReadOnly) _ = LibC.TrySetMount(tree, new() { Set = LibC.MOUNT_ATTR_RDONLY }, recursive: true);
            target = MakeTarget(Encoding.UTF8.GetBytes(mount.Target), IsDirectory(tree));
            int result = LibC.TryAttach(tree, target);
            if (result < 0) throw new LinuxException($"move_mount({mount.Target})", -result);
        }
        finally
        {
            LibC.Close(ref tree);
            LibC.Close(ref target);
        }
    }

    /// <summary>A file system in memory that nobody has mounted is empty, and what were written to it would be gone with this process.</summary>
    private void AttachNothing(CopyMount mount)
    {
        int target = MakeTarget(Encoding.UTF8.GetBytes(mount.Target), directory: true);
        try
        {
            LibC.Mount("tmpfs", string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{target}"), "tmpfs", LibC.MS_RDONLY, "mode=755,size=4k");
        }
        finally
        {
            LibC.Close(ref target);
        }
    }

    /// <summary>The place of a mount, made when missing, each part below the root.</summary>
    private int MakeTarget(ReadOnlySpan<byte> path, bool directory)
    {
        int found = Open(path, LibC.O_PATH);
        for (int end = 1; found == -Errno.ENOENT && end <= path.Length; end++)
        {
            if (end < path.Length && path[end] != '/') continue;
            ReadOnlySpan<byte> part = path[..end];
            int slash = part.LastIndexOf((byte)'/');
            int parent = Open(slash <= 0 ? "/"u8 : part[..slash], LibC.O_PATH | LibC.O_DIRECTORY);
            if (parent < 0) throw new LinuxException($"open({Encoding.UTF8.GetString(part)})", -parent);
            fixed (byte* name = NativePath.Terminate(part[(slash + 1)..]))
            {
                if (end == path.Length && !directory) _ = LibC.mknodat(parent, name, LibC.S_IFREG | 0x1A4, 0);
                else _ = LibC.mkdirat(parent, name, 0x1ED);
            }

            LibC.Close(ref parent);
            if (end == path.Length) found = Open(path, LibC.O_PATH);
        }

        return found >= 0 ? found : throw new LinuxException($"open({Encoding.UTF8.GetString(path)})", -found);
    }

    private static bool IsDirectory(int descriptor)
    {
        LibC.statx_result facts;
        byte nothing = 0;
        return LibC.statx(descriptor, &nothing, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &facts) == 0 && (facts.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
    }

    private static uint Map(List<(uint Inside, uint Outside, uint Size)> ranges, uint id, bool inward)
    {
        const uint Nobody = 65534;
        if (ranges.Count == 0) return id;
        foreach ((uint inside, uint outside, uint size) in ranges)
        {
            (uint from, uint to) = inward ? (outside, inside) : (inside, outside);
            if (id >= from && id - from < size) return to + (id - from);
        }

        return inward ? Nobody : ranges[0].Outside;
    }
}
