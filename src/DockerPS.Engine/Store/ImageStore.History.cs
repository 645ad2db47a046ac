using System.Globalization;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Store;

internal sealed partial class ImageStore
{
    /// <summary>Steps of an image, newest first. Layers that the config's history does not tell of come as steps of their own.</summary>
    public IReadOnlyList<ContainerImageHistory> History(string name)
    {
        NamedImage image = Find(name) ?? throw NotFound(name);
        ImageConfig? config = JsonSerializer.Deserialize(Blobs.Read(Digest.Parse(image.Row.Id)), ImageSpecJson.Default.ImageConfig);
        var steps = new List<ContainerImageHistory>();
        int layer = 0;
        foreach (HistoryEntry entry in config?.History ?? [])
        {
            ImageLayer? made = entry.EmptyLayer != true && layer < image.Row.Layers.Count ? image.Row.Layers[layer++] : null;
            steps.Add(Step(name, made, entry));
        }

        while (layer < image.Row.Layers.Count) steps.Add(Step(name, image.Row.Layers[layer++], new HistoryEntry()));
        steps.Reverse();
        return steps;
    }

    private static ContainerImageHistory Step(string name, ImageLayer? layer, HistoryEntry entry) => new()
    {
        Image = name,
        Layer = layer?.DiffId,
        Created = DateTimeOffset.TryParse(entry.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : null,
        CreatedBy = entry.CreatedBy ?? "",
        Size = layer?.Size ?? 0,
        Comment = entry.Comment ?? "",
    };
}
