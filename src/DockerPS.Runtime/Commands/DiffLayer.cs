using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>What a layer changes in those below: told, and as an archive.</summary>
internal static class DiffLayer
{
    public static int Run() => TreeVerb.Run(BundleJson.Default.DiffRequest, BundleJson.Default.ArchiveResult, Run);

    private static ArchiveResult Run(DiffRequest request, TreeVerb verb)
    {
        if (request.Layers.Count == 0) throw LayerException.Of(RuntimeStages.Config, "There is no layer to look at.");
        using var tree = new LayeredTree(request.Layers);
        List<LayerChange> changes = new LayerDiff(tree, request.MountPoints, verb.Turn).Run();
        if (request.List) Tell(tree, changes, verb);
        return request.Output is { } output
            ? verb.Archive(output, file => Write(tree, changes, file, verb))
            : new ArchiveResult { Digest = "" };
    }

    private static void Tell(LayeredTree tree, List<LayerChange> changes, TreeVerb verb)
    {
        var list = new ChangeList(verb.Channel);
        foreach (LayerChange change in changes)
        {
            verb.Turn();
            list.Add(new TreeChange
            {
                Path = "/" + TreeNode.Text(change.Path),
                Before = change.Before?.Describe(tree),
                After = change.After?.Describe(tree),
            });
        }

        list.Flush();
    }

    private static (long Size, long NewestModification) Write(LayeredTree tree, List<LayerChange> changes, ArchiveOutput output, TreeVerb verb)
    {
        var archiver = new TreeArchiver(tree, output, verb.Turn);
        foreach (LayerChange change in changes)
        {
            if (change.After is { } node)
            {
                archiver.Write(node);
                if (change.Opaque) archiver.WriteOpaque(node.Path);
            }
            else if (!change.Implied)
            {
                archiver.WriteWhiteout(change.Path);
            }
        }

        return (archiver.Size, archiver.NewestModification);
    }
}
