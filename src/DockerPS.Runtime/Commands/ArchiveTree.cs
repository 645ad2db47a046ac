using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Writes what layers show together as a tar.</summary>
internal static class ArchiveTree
{
    public static int Run() => TreeVerb.Run(
        BundleJson.Default.ArchiveTreeRequest, BundleJson.Default.ArchiveResult, (request, verb) => verb.Archive(request.Output, output =>
        {
            using var tree = new LayeredTree(request.Layers, request.AsItStands);
            var archiver = new TreeArchiver(tree, output, verb.Turn);
            if (request.AsItStands) archiver.Write(tree.Root());
            Walk(tree, tree.Root(), archiver);
            return (archiver.Size, archiver.NewestModification);
        }));

    /// <summary>Not deeper than the longest path, which the kernel limits.</summary>
    private static void Walk(LayeredTree tree, TreeNode directory, TreeArchiver archiver)
    {
        foreach (TreeNode node in tree.Children(directory))
        {
            archiver.Write(node);
            if (node.IsDirectory) Walk(tree, node, archiver);
        }
    }
}
