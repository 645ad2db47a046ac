using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>Tells whether all that a digest of a repository stands for is in the store already.</summary>
internal sealed class StoredImages(ImageStore store)
{
    /// <summary>The images under the reference, which gets or keeps its name; null when something has to be fetched.</summary>
    public IReadOnlyList<NamedImage>? Find(ImageReference reference, Digest digest, PlatformChoice choice)
    {
        List<(string ImageId, string Manifest)> known = store.DigestsOf(reference.Repository, digest.ToString());
        if (known.Count == 0 || Manifests(digest, choice) is not { } wanted) return null;
        var images = new List<NamedImage>();
        foreach (string manifest in wanted)
        {
            string? id = known.Find(image => image.Manifest == manifest).ImageId;
            if (id is null || store.Complete(id) is not { } row) return null;
            if (wanted.Count == 1) choice.CheckUnlessAll(row.Platform);
            ImageReference name = images.Count > 0 || reference.Digest is not null ? reference.WithoutTag(Digest.Parse(manifest)) : reference;
            if (reference.Digest is { } pinned && images.Count == 0) name = reference.WithoutTag(pinned);
            images.Add(Named(row, name, new RepositoryDigest(reference.Repository, digest.ToString(), manifest)));
        }

        return images;
    }

    private NamedImage Named(ImageRow row, ImageReference name, RepositoryDigest digest)
    {
        string familiar = name.Familiar;
        // Nothing is written when it is so already, which is the rule.
        if (!row.Removed && store.Find(familiar) is { } present && present.Reference == familiar && present.Row.Id == row.Id
            && row.RepositoryDigests.FirstOrDefault() == $"{digest.Repository}@{digest.Digest}")
        {
            return present;
        }

        using StoreSession session = store.OpenSession();
        return store.Commit(session, row, [name], digest)[0];
    }

    /// <summary>Digests of the manifests that are wanted, or null when the store cannot tell.</summary>
    private List<string>? Manifests(Digest digest, PlatformChoice choice)
    {
        if (!store.Blobs.Has(digest)) return null;
        try
        {
            ImageIndex index = ImageSpecReader.Index(store.Blobs.Read(digest));
            // A manifest of one image has a config and no manifests.
            return index.Manifests is null ? [digest.ToString()] : [.. choice.Of(index).Select(descriptor => descriptor.Digest).Distinct()];
        }
        catch (JsonException)
        {
            // It is damaged: the registry's is looked at.
            return null;
        }
    }
}
