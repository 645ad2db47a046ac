using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Trees;

/// <summary>Something in a tree of layers: what the topmost layer that has it says of it.</summary>
internal sealed class TreeNode
{
    /// <summary>From the root of the tree, without slash at either end; empty for the root.</summary>
    public required byte[] Path { get; init; }

    public required LibC.statx_result Status { get; init; }

    /// <summary>Index of the layer that shows it.</summary>
    public int Layer { get; init; }

    /// <summary>Of a directory: the layers whose content may show in it, topmost first.</summary>
    public List<int> Layers { get; init; } = [];

    /// <summary>It says that the layers below have nothing here.</summary>
    public bool IsWhiteout { get; init; }

    public uint Type => Status.Mode & LibC.S_IFMT;

    public bool IsDirectory => Type == LibC.S_IFDIR;

    /// <summary>Names as text for users; bytes that are none become replacement characters.</summary>
    public static string Text(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);

    /// <summary>Order of names as bytes.</summary>
    public static int Compare(TreeNode left, TreeNode right) => left.Path.AsSpan().SequenceCompareTo(right.Path);

    public TreeFile Describe(LayeredTree tree)
    {
        LibC.statx_timestamp modified = Status.Modified;
        return new TreeFile
        {
            Mode = Status.Mode,
            Uid = Status.User,
            Gid = Status.Group,
            Size = Type == LibC.S_IFREG ? (long)Status.Size : 0,
            Modified = (modified.Seconds * TimeSpan.TicksPerSecond) + (modified.Nanoseconds / 100),
            LinkTarget = Type == LibC.S_IFLNK && tree.ReadLink(this) is { } target ? Text(target) : null,
        };
    }
}
