using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>
/// Reads what overlay would show of several layers, without mounting: whiteouts and opaque directories as in
/// https://docs.kernel.org/filesystems/overlayfs.html. Everything is opened below a layer's root with no symbolic link followed and no
/// mount crossed, so that a container that changes its layer meanwhile leads nowhere else.
/// </summary>
internal sealed unsafe class LayeredTree : IDisposable
{
    private readonly ulong _resolve;
    private readonly int[] _roots;

    /// <param name="layers">Topmost first.</param>
    /// <param name="asItStands">It is one directory in which nothing is a whiteout, with what is mounted in it.</param>
    public LayeredTree(IReadOnlyList<string> layers, bool asItStands = false)
    {
        AsItStands = asItStands;
        _resolve = LibC.RESOLVE_NO_SYMLINKS | (asItStands ? 0 : LibC.RESOLVE_NO_XDEV);
        _roots = new int[layers.Count];
        Array.Fill(_roots, -1);
        Names = layers;
        for (int i = 0; i < _roots.Length; i++) _roots[i] = LibC.Open(layers[i], LibC.O_PATH | LibC.O_DIRECTORY);
    }

    public bool AsItStands { get; }

    /// <summary>The layers' directories.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The root, as these layers show it.</summary>
    public TreeNode Root(IEnumerable<int> layers)
    {
        List<int> shown = [.. layers];
        LibC.statx_result status = default;
        if (shown.Count > 0 && Stat(_roots[shown[0]], ""u8, &status) < 0) throw Failed("statx", default);
        return new TreeNode { Path = [], Status = status, Layer = shown.Count > 0 ? shown[0] : 0, Layers = shown };
    }

    public TreeNode Root() => Root(Enumerable.Range(0, _roots.Length));

    /// <summary>What is in a directory, in the order of the names as bytes.</summary>
    /// <param name="directory">Of this tree.</param>
    /// <param name="whiteouts">With those of the topmost layer that has the directory.</param>
    public List<TreeNode> Children(TreeNode directory, bool whiteouts = false)
    {
        var found = new Dictionary<string, TreeNode>(StringComparer.Ordinal);
        var closed = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < directory.Layers.Count; i++)
        {
            int layer = directory.Layers[i];
            int descriptor = Open(layer, directory.Path, LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (descriptor < 0) continue;
            try
            {
                foreach (byte[] name in DirectoryListing.Names(descriptor)) Add(directory, layer, descriptor, name, found, closed, whiteouts && i == 0);
                if (i + 1 < directory.Layers.Count && IsOpaque(descriptor)) break;
            }
            finally
            {
                _ = LibC.close(descriptor);
            }
        }

        var children = new List<TreeNode>(found.Values);
        children.Sort(TreeNode.Compare);
        return children;
    }

    /// <summary>Whether a layer's directory hides what the layers below have in it.</summary>
    public bool IsOpaque(TreeNode directory)
    {
        int descriptor = Open(directory.Layer, directory.Path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (descriptor < 0) return false;
        bool opaque = IsOpaque(descriptor);
        _ = LibC.close(descriptor);
        return opaque;
    }

    /// <summary>Opens what a node stands for; -1 when it is gone, or something else has taken the place of a directory on the way.</summary>
    public int Open(TreeNode node, int flags) => Open(node.Layer, node.Path, flags);

    /// <summary>The node at a path of which every directory shows, or null.</summary>
    public TreeNode? Find(string path)
    {
        TreeNode? node = Root();
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!node.IsDirectory) return null;
            byte[] wanted = [.. node.Path, .. node.Path.Length == 0 ? ""u8 : "/"u8, .. Encoding.UTF8.GetBytes(part)];
            node = Children(node).Find(child => child.Path.AsSpan().SequenceEqual(wanted));
            if (node is null) return null;
        }

        return node;
    }

    public byte[]? ReadLink(TreeNode node)
    {
        int link = Open(node, LibC.O_PATH | LibC.O_NOFOLLOW);
        if (link < 0) return null;
        byte[] target = new byte[4096];
        byte nothing = 0;
        nint length;
        fixed (byte* buffer = target) length = LibC.readlinkat(link, &nothing, buffer, (nuint)target.Length);
        _ = LibC.close(link);
        return length < 0 ? null : target[..(int)length];
    }

    /// <summary>What an open file is.</summary>
    public static bool TryStat(int descriptor, out LibC.statx_result status)
    {
        LibC.statx_result found;
        bool done = Stat(descriptor, ""u8, &found) >= 0;
        status = found;
        return done;
    }

    public void Dispose()
    {
        foreach (int root in _roots)
            if (root >= 0) _ = LibC.close(root);
    }

    private void Add(
        TreeNode directory, int layer, int descriptor, byte[] name, Dictionary<string, TreeNode> found, HashSet<string> closed, bool whiteouts)
    {
        string key = Encoding.Latin1.GetString(name);
        if (closed.Contains(key)) return;
        LibC.statx_result status;
        // It may have gone since the directory was read.
        if (Stat(descriptor, name, &status) < 0) return;
        bool isDirectory = (status.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
        bool isWhiteout = !AsItStands && (status.Mode & LibC.S_IFMT) == LibC.S_IFCHR && status is { DeviceMajorOfNode: 0, DeviceMinorOfNode: 0 };
        if (!isDirectory) closed.Add(key);
        if (found.TryGetValue(key, out TreeNode? above))
        {
            if (isDirectory) above.Layers.Add(layer);
            return;
        }

        if (isWhiteout && !whiteouts) return;
        byte[] path = directory.Path.Length == 0 ? name : [.. directory.Path, (byte)'/', .. name];
        found.Add(key, new TreeNode { Path = path, Status = status, Layer = layer, Layers = isDirectory ? [layer] : [], IsWhiteout = isWhiteout });
    }

    private int Open(int layer, byte[] path, int flags)
    {
        fixed (byte* name = path.Length == 0 ? NativePath.Terminate("."u8) : NativePath.Terminate(path))
        {
            int descriptor = LibC.OpenInRoot(_roots[layer], name, flags, _resolve);
            if (descriptor >= 0) return descriptor;
            // The first three are what a change in this moment looks like; of a path that is too long nothing can be kept.
            return descriptor is -Errno.ENOENT or -Errno.ENOTDIR or -Errno.ELOOP ? -1 : throw Failed("open", path, -descriptor);
        }
    }

    private static int Stat(int directory, ReadOnlySpan<byte> name, LibC.statx_result* status)
    {
        fixed (byte* path = NativePath.Terminate(name))
            return LibC.statx(directory, path, LibC.AT_SYMLINK_NOFOLLOW | LibC.AT_EMPTY_PATH | LibC.AT_NO_AUTOMOUNT, LibC.STATX_BASIC_STATS, status);
    }

    private static bool IsOpaque(int directory)
    {
        byte value = 0;
        fixed (byte* name = "trusted.overlay.opaque\0"u8) return LibC.fgetxattr(directory, name, &value, 1) == 1 && value == (byte)'y';
    }

    private static LayerException Failed(string call, ReadOnlySpan<byte> path, int errno = 0)
    {
        if (errno == 0) errno = Marshal.GetLastPInvokeError();
        string shown = Oci.Layers.TarEntry.Show(path);
        return LayerException.Of(RuntimeStages.Write, $"'/{shown}' cannot be read: {Errno.Text(errno)}.", $"{call}(/{shown})", errno);
    }
}
