using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>
/// What differs between two trees: kind, content, owner, mode and attributes of files, not their times. Directories whose layers are the
/// same are not looked into, and files of one layer are not read.
/// </summary>
internal sealed class TreeComparison(LayeredTree before, LayeredTree after, ChangeList changes, Action turn)
{
    private readonly byte[] _left = new byte[256 << 10], _right = new byte[256 << 10];

    public void Run() => Walk(before.Root(), after.Root());

    private void Walk(TreeNode one, TreeNode other)
    {
        turn();
        if (one.Layers.Count == other.Layers.Count && one.Layers.Zip(other.Layers).All(p => before.Names[p.First] == after.Names[p.Second])) return;
        List<TreeNode> left = before.Children(one), right = after.Children(other);
        for (int i = 0, j = 0; i < left.Count || j < right.Count;)
        {
            int order = i == left.Count ? 1 : j == right.Count ? -1 : TreeNode.Compare(left[i], right[j]);
            if (order < 0) Only(before, left[i++], removed: true);
            else if (order > 0) Only(after, right[j++], removed: false);
            else Both(left[i++], right[j++]);
        }
    }

    private void Only(LayeredTree tree, TreeNode node, bool removed)
    {
        TreeFile file = node.Describe(tree);
        changes.Add(new TreeChange { Path = "/" + TreeNode.Text(node.Path), Before = removed ? file : null, After = removed ? null : file, Content = true });
        if (!node.IsDirectory) return;
        turn();
        foreach (TreeNode child in tree.Children(node)) Only(tree, child, removed);
    }

    private void Both(TreeNode one, TreeNode other)
    {
        if (before.Names[one.Layer] != after.Names[other.Layer] || one.IsDirectory)
        {
            TreeFile left = one.Describe(before), right = other.Describe(after);
            bool content = Differs(one, other, left, right);
            if (content || (left.Mode, left.Uid, left.Gid) != (right.Mode, right.Uid, right.Gid) || !SameAttributes(one, other))
                changes.Add(new TreeChange { Path = "/" + TreeNode.Text(one.Path), Before = left, After = right, Content = content });
        }

        if (one.IsDirectory && other.IsDirectory) Walk(one, other);
        else if (one.IsDirectory) foreach (TreeNode child in before.Children(one)) Only(before, child, removed: true);
        else if (other.IsDirectory) foreach (TreeNode child in after.Children(other)) Only(after, child, removed: false);
    }

    private bool Differs(TreeNode one, TreeNode other, TreeFile left, TreeFile right) =>
        one.Type != other.Type || left.Size != right.Size || left.LinkTarget != right.LinkTarget
        || (one.Status.DeviceMajorOfNode, one.Status.DeviceMinorOfNode) != (other.Status.DeviceMajorOfNode, other.Status.DeviceMinorOfNode)
        || (one.Type == LibC.S_IFREG && left.Size > 0 && !SameBytes(one, other));

    private bool SameBytes(TreeNode one, TreeNode other)
    {
        int left = before.Open(one, LibC.O_RDONLY | LibC.O_NOFOLLOW), right = after.Open(other, LibC.O_RDONLY | LibC.O_NOFOLLOW);
        try
        {
            while (left >= 0 && right >= 0)
            {
                turn();
                int first = Fill(left, _left), second = Fill(right, _right);
                if (!_left.AsSpan(0, first).SequenceEqual(_right.AsSpan(0, second))) return false;
                if (first == 0) return true;
            }

            return false;
        }
        finally
        {
            if (left >= 0) _ = LibC.close(left);
            if (right >= 0) _ = LibC.close(right);
        }
    }

    private static int Fill(int file, Span<byte> buffer)
    {
        int length = 0;
        for (int read; length < buffer.Length && (read = LibC.Read(file, buffer[length..])) > 0;) length += read;
        return length;
    }

    private bool SameAttributes(TreeNode one, TreeNode other)
    {
        if (one.Type is not (LibC.S_IFREG or LibC.S_IFDIR) || one.Type != other.Type) return true;
        List<(byte[] Name, byte[] Value)> left = Attributes(before, one), right = Attributes(after, other);
        return left.Count == right.Count
            && left.Zip(right).All(p => p.First.Name.AsSpan().SequenceEqual(p.Second.Name) && p.First.Value.AsSpan().SequenceEqual(p.Second.Value));
    }

    private static List<(byte[] Name, byte[] Value)> Attributes(LayeredTree tree, TreeNode node)
    {
        int file = tree.Open(node, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_NOFOLLOW);
        if (file < 0) return [];
        List<(byte[] Name, byte[] Value)> found = ArchiveXattrs.Of(file) ?? [];
        _ = LibC.close(file);
        return found;
    }
}
