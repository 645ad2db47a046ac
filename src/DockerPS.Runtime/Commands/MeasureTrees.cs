using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>How much is in directories. What cannot be read (gone, too deep) counts nothing.</summary>
internal static class MeasureTrees
{
    public static int Run() => TreeVerb.Run(BundleJson.Default.MeasureRequest, BundleJson.Default.MeasureResult, (request, verb) =>
        new MeasureResult { Bytes = [.. request.Paths.Select(path => Measure(path, verb))] });

    private static long Measure(string path, TreeVerb verb)
    {
        if (!Directory.Exists(path)) return 0;
        using var tree = new LayeredTree([path]);
        var counted = new HashSet<ulong>();
        var open = new Stack<TreeNode>([tree.Root()]);
        long bytes = 0;
        while (open.TryPop(out TreeNode? directory))
        {
            verb.Turn();
            foreach (TreeNode node in Children(tree, directory))
            {
                if (node.IsDirectory) open.Push(node);
                else if (node.Type == LibC.S_IFREG && (node.Status.Links < 2 || counted.Add(node.Status.Inode))) bytes += (long)node.Status.Size;
            }
        }

        return bytes;
    }

    private static List<TreeNode> Children(LayeredTree tree, TreeNode directory)
    {
        try
        {
            return tree.Children(directory);
        }
        catch (LayerException)
        {
            return [];
        }
    }
}
