using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Trees;

/// <summary>One change of the topmost layer. Without <see cref="After"/> it is a removal.</summary>
internal sealed record LayerChange(TreeNode? Before, TreeNode? After)
{
    /// <summary>A directory that was removed and made anew: nothing of the layers below shows in it.</summary>
    public bool Opaque { get; init; }

    /// <summary>Removed with such a directory, which tells it in an archive.</summary>
    public bool Implied { get; init; }

    public byte[] Path => (After ?? Before)!.Path;
}

/// <summary>
/// What the topmost layer (upperdir) changes in those below. Directories come before what is in them, names in the order of their bytes.
/// Places that were made for mounts are no changes, nor are directories that were changed by nothing else.
/// </summary>
internal sealed class LayerDiff(LayeredTree tree, IEnumerable<string> mountPoints, Action turn)
{
    private readonly HashSet<string> _mountPoints = [.. mountPoints.Select(p => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(p.Trim('/'))))];
    private readonly List<LayerChange> _changes = [];

    public List<LayerChange> Run()
    {
        Walk(tree.Root([0]), tree.Root(Enumerable.Range(1, tree.Names.Count - 1)), opaque: false);
        return _changes;
    }

    /// <summary>Returns whether something was left out as made for a mount. Not deeper than the longest path, which the kernel limits.</summary>
    private bool Walk(TreeNode upper, TreeNode? lower, bool opaque)
    {
        turn();
        bool leftOut = false;
        List<TreeNode> above = tree.Children(upper, whiteouts: true), below = lower is null ? [] : tree.Children(lower);
        int next = 0;
        foreach (TreeNode node in above)
        {
            TreeNode? before = null;
            for (; next < below.Count && TreeNode.Compare(below[next], node) is var order and <= 0; next++)
            {
                if (order == 0) before = below[next];
                else if (opaque) Removed(below[next]);
            }

            if (opaque && before is not null && !node.IsWhiteout)
            {
                // It stands in the archive anyway; what it replaces is gone with the directory.
                leftOut |= Visit(node, before, hidden: true);
                continue;
            }

            if (!node.IsWhiteout) leftOut |= Visit(node, before, hidden: false);
            else if (before is not null) _changes.Add(new LayerChange(before, null) { Implied = opaque });
        }

        for (; opaque && next < below.Count; next++) Removed(below[next]);
        return leftOut;
    }

    private void Removed(TreeNode node) => _changes.Add(new LayerChange(node, null) { Implied = true });

    private bool Visit(TreeNode node, TreeNode? before, bool hidden)
    {
        bool mountPoint = before is null && _mountPoints.Contains(Encoding.Latin1.GetString(node.Path));
        if (mountPoint && node is { Type: LibC.S_IFREG, Status.Size: 0 }) return true;
        if (!node.IsDirectory)
        {
            _changes.Add(new LayerChange(before, node));
            return false;
        }

        bool merged = before is { IsDirectory: true };
        bool opaque = merged && (hidden || tree.IsOpaque(node));
        int place = _changes.Count;
        _changes.Add(new LayerChange(before, node) { Opaque = opaque && !hidden });
        bool leftOut = Walk(node, merged ? before : null, opaque) || mountPoint;
        if (!leftOut || _changes.Count > place + 1 || !(before is null || IsSame(before.Status, node.Status))) return false;
        _changes.RemoveAt(place);
        return true;
    }

    private static bool IsSame(in LibC.statx_result one, in LibC.statx_result other) =>
        (one.Mode, one.User, one.Group) == (other.Mode, other.User, other.Group);
}
