using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Tells what differs between two trees of layers, and copies files of both for whoever can read them.</summary>
internal static class CompareTrees
{
    /// <summary>Greatest copy; databases of packages have some megabytes.</summary>
    private const long MaxCopy = 64 << 20;

    public static int Run() => TreeVerb.Run(BundleJson.Default.CompareTreesRequest, BundleJson.Default.CompareTreesResult, (request, verb) =>
    {
        using LayeredTree before = new(request.Before), after = new(request.After);
        var changes = new ChangeList(verb.Channel);
        if (request.List) new TreeComparison(before, after, changes, verb.Turn).Run();
        changes.Flush();
        for (int i = 0; request.CopyTo is { } directory && i < request.Copies.Count; i++)
        {
            Copy(before, request.Copies[i], Path.Combine(directory, $"before-{i}"));
            Copy(after, request.Copies[i], Path.Combine(directory, $"after-{i}"));
        }

        return new CompareTreesResult { Changes = changes.Count };
    });

    private static void Copy(LayeredTree tree, string path, string target)
    {
        if (tree.Find(path) is not { } found) return;
        using FileStream output = File.Create(target);
        foreach (TreeNode node in found.IsDirectory ? tree.Children(found) : [found])
        {
            if (node.Type != LibC.S_IFREG) continue;
            int file = tree.Open(node, LibC.O_RDONLY | LibC.O_NOFOLLOW);
            if (file < 0) continue;
            byte[] buffer = new byte[64 << 10];
            for (int read; output.Length < MaxCopy && (read = LibC.Read(file, buffer)) > 0;) output.Write(buffer, 0, read);
            _ = LibC.close(file);
            // Between the entries of two files.
            output.Write("\n\n"u8);
        }
    }
}
