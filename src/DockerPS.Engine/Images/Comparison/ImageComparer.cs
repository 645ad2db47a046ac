using System.Text.Json;
using DockerPS.Engine.Runtime;
using DockerPS.Engine.Store;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Comparison;

/// <summary>In what one image differs from another: what it runs, its packages, its files.</summary>
internal sealed class ImageComparer(ImageStore store, StoreSession session, Action<IReadOnlyList<ContainerImageDifference>> found)
{
    public async Task<int> RunAsync(
        NamedImageLayers before, NamedImageLayers after, IReadOnlyCollection<ContainerImageDifferenceType> types, CancellationToken cancellationToken)
    {
        int count = 0;
        void Tell(List<ContainerImageDifference> differences)
        {
            count += differences.Count;
            if (differences.Count > 0) found(differences);
        }

        if (types.Contains(ContainerImageDifferenceType.Config))
            Tell(Texts(ContainerImageDifferenceType.Config, FactsOf(before), FactsOf(after)));
        if (types.Contains(ContainerImageDifferenceType.Package)) Tell(await PackagesAsync(before, after, cancellationToken).ConfigureAwait(false));
        if (types.Contains(ContainerImageDifferenceType.File))
        {
            var request = new CompareTreesRequest { Before = [.. before.Layers], After = [.. after.Layers], List = true };
            await store.Runtime.CompareTreesAsync(request, changes => Tell([.. changes.Select(File)]), cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private OrderedDictionary<string, string> FactsOf(NamedImageLayers image) => new(ConfigFacts.Of(ConfigOf(image)));

    private ImageConfig ConfigOf(NamedImageLayers image) =>
        JsonSerializer.Deserialize(store.Blobs.Read(Digest.Parse(image.Id)), ImageSpecJson.Default.ImageConfig)!;

    private async Task<List<ContainerImageDifference>> PackagesAsync(NamedImageLayers before, NamedImageLayers after, CancellationToken cancellationToken)
    {
        var request = new CompareTreesRequest
        {
            Before = [.. before.Layers], After = [.. after.Layers], Copies = [.. PackageDatabase.Paths], CopyTo = session.Directory,
        };
        await store.Runtime.CompareTreesAsync(request, null, cancellationToken).ConfigureAwait(false);
        return Texts(ContainerImageDifferenceType.Package, Read("before"), Read("after"));
    }

    private Dictionary<string, string> Read(string side)
    {
        IEnumerable<string> copies = PackageDatabase.Paths.Select((_, i) => Path.Combine(session.Directory, $"{side}-{i}")).Where(System.IO.File.Exists);
        return new(PackageDatabase.Read(copies.SelectMany(copy => System.IO.File.ReadLines(copy).Append(""))));
    }

    /// <summary>In the order of the first, then what only the second has.</summary>
    private static List<ContainerImageDifference> Texts(
        ContainerImageDifferenceType type, OrderedDictionary<string, string> before, OrderedDictionary<string, string> after) =>
        Texts(type, before, after, before.Keys.Union(after.Keys));

    private static List<ContainerImageDifference> Texts(
        ContainerImageDifferenceType type, Dictionary<string, string> before, Dictionary<string, string> after) =>
        Texts(type, before, after, before.Keys.Union(after.Keys).Order(StringComparer.Ordinal));

    private static List<ContainerImageDifference> Texts(
        ContainerImageDifferenceType type, IDictionary<string, string> before, IDictionary<string, string> after, IEnumerable<string> names)
    {
        var differences = new List<ContainerImageDifference>();
        foreach (string name in names)
        {
            string? left = before.TryGetValue(name, out string? value) ? value : null, right = after.TryGetValue(name, out value) ? value : null;
            if (left == right) continue;
            differences.Add(new ContainerImageDifference
            {
                Type = type,
                Kind = left is null ? ContainerChangeKind.Added : right is null ? ContainerChangeKind.Deleted : ContainerChangeKind.Modified,
                Name = name,
                Before = left,
                After = right,
                ContentChanged = true,
            });
        }

        return differences;
    }

    private static ContainerImageDifference File(TreeChange change) => new()
    {
        Type = ContainerImageDifferenceType.File,
        Kind = TreeFiles.KindOf(change),
        Name = change.Path,
        Before = TreeFiles.ToFile(change.Before),
        After = TreeFiles.ToFile(change.After),
        ContentChanged = change.Content,
    };
}
