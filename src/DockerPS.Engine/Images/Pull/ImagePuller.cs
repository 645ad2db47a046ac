using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>
/// Brings images of a registry into the store. The image's row is written last, so nobody sees a part of one; what an interrupted pull has
/// brought stays for the next one (<see cref="PullRecords"/>).
/// </summary>
internal sealed class ImagePuller(ImageStore store, EngineOptions options, RegistryClient registry)
{
    private const int MaxDepth = 4;

    /// <summary>Of one name. The most that are known have some twenty.</summary>
    private const int MostManifests = 100;

    /// <summary>As docker: more do not make a line faster, and each has a process that unpacks.</summary>
    private const int LayersAtOnce = 3;

    /// <returns>The image under its name; with all platforms, each.</returns>
    public async Task<IReadOnlyList<NamedImage>> PullAsync(ImagePull pull, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageStore.ParseName(pull.Reference).WithDefaultTag();
        if (pull.AllPlatforms && pull.Platform is not null)
            throw new DockerArgumentException("InvalidPlatform", "All platforms and one of them cannot be asked for at once. Leave one of both out.", pull.Platform);
        var choice = new PlatformChoice(reference, pull.Platform is null ? null : PlatformName.Parse(pull.Platform), pull.AllPlatforms);
        Digest? digest = reference.Digest ?? await KnownDigestAsync(reference, pull.Access, cancellationToken).ConfigureAwait(false);
        if (digest is { } stored && new StoredImages(store).Find(reference, stored, choice) is { } found) return found;
        return await StoreChange.RunAsync(store, options, async session =>
        {
            // By digest when that is known by now: the tag may move meanwhile.
            RemoteManifest top = await TopAsync(reference, digest, pull.Access, cancellationToken).ConfigureAwait(false);
            var manifests = new OrderedDictionary<Digest, RemoteManifest>();
            await FindAsync(manifests, top, reference, choice, pull.Access, 0, cancellationToken).ConfigureAwait(false);
            if (top.IsIndex) store.Blobs.Put(session, top.Digest, top.Bytes);
            var images = new List<NamedImage>();
            foreach (RemoteManifest manifest in manifests.Values)
            {
                // One name leads to one image: those for other machines are called by their digests.
                ImageReference name = images.Count == 0 ? NameOf(reference) : reference.WithoutTag(manifest.Digest);
                var change = new ImageArrival(PulledManifest.Read(manifest, reference.Familiar), top.Digest, reference, name);
                images.AddRange(await PullAsync(change, choice, pull, session, progress, cancellationToken).ConfigureAwait(false));
            }

            return images;
        }).ConfigureAwait(false);
    }

    /// <summary>As docker: where a digest is said the tag beside it is for people.</summary>
    private static ImageReference NameOf(ImageReference reference) => reference.Digest is { } digest ? reference.WithoutTag(digest) : reference;

    /// <summary>What the name leads to at this moment, when something of the repository is stored that it could be; else null.</summary>
    private async Task<Digest?> KnownDigestAsync(ImageReference reference, RegistryAccess access, CancellationToken cancellationToken) =>
        store.HasDigestsOf(reference.Repository)
            ? (await registry.HeadManifestAsync(reference, access, cancellationToken).ConfigureAwait(false)).Digest
            : null;

    private async Task<RemoteManifest> TopAsync(ImageReference reference, Digest? digest, RegistryAccess access, CancellationToken cancellationToken)
    {
        try
        {
            return await ManifestAsync(digest is null ? reference : reference.WithoutTag(digest.Value), reference, access, cancellationToken).ConfigureAwait(false);
        }
        catch (DockerRegistryException e) when (e.Status == 404 && digest is not null && reference.Digest is null)
        {
            // The tag has moved at this moment, or a mirror had named a digest that does not exist.
            return await ManifestAsync(reference, reference, access, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A mirror's that cannot be used does not count.</summary>
    private Task<RemoteManifest> ManifestAsync(ImageReference wanted, ImageReference reference, RegistryAccess access, CancellationToken cancellationToken) =>
        registry.GetCheckedManifestAsync(wanted, access, manifest =>
        {
            if (manifest.IsIndex) IndexOf(manifest, reference);
            else PulledManifest.Read(manifest, reference.Familiar);
        }, cancellationToken);

    /// <summary>Finds the images that are wanted, each once, in an index and those within it.</summary>
    private async Task FindAsync(
        OrderedDictionary<Digest, RemoteManifest> found, RemoteManifest manifest, ImageReference reference, PlatformChoice choice, RegistryAccess access,
        int depth, CancellationToken cancellationToken)
    {
        if (!manifest.IsIndex)
        {
            found[manifest.Digest] = manifest;
            if (found.Count > MostManifests)
                throw PulledManifest.Invalid(reference.Familiar, manifest.Digest.ToString(), $"its index has more than {MostManifests} images");
            return;
        }

        if (depth == MaxDepth) throw PulledManifest.Invalid(reference.Familiar, manifest.Digest.ToString(), "its indexes are nested too deeply");
        IReadOnlyList<Descriptor> wanted = choice.Of(IndexOf(manifest, reference));
        if (wanted.Count > MostManifests)
            throw PulledManifest.Invalid(reference.Familiar, manifest.Digest.ToString(), $"it has {wanted.Count} images, and {MostManifests} is the most that are read");
        foreach (Descriptor descriptor in wanted)
        {
            Digest digest = Digest.TryParse(descriptor.Digest, out Digest parsed) ? parsed
                : throw PulledManifest.Invalid(reference.Familiar, manifest.Digest.ToString(), $"'{descriptor.Digest}' in it is no digest");
            if (found.ContainsKey(digest)) continue;
            RemoteManifest inner = await ManifestAsync(reference.WithoutTag(digest), reference, access, cancellationToken).ConfigureAwait(false);
            await FindAsync(found, inner, reference, choice, access, depth + 1, cancellationToken).ConfigureAwait(false);
        }
    }

    private static ImageIndex IndexOf(RemoteManifest manifest, ImageReference reference)
    {
        try
        {
            return manifest.ReadIndex();
        }
        catch (JsonException e)
        {
            throw PulledManifest.Invalid(reference.Familiar, manifest.Digest.ToString(), "it is no index", e);
        }
    }

    private async Task<IReadOnlyList<NamedImage>> PullAsync(
        ImageArrival arrival, PlatformChoice choice, ImagePull pull, StoreSession session, IProgress<EngineProgress>? progress,
        CancellationToken cancellationToken)
    {
        PulledManifest manifest = arrival.Manifest;
        RepositoryDigest digest = arrival.RepositoryDigest;
        if (store.Complete(manifest.Config.Digest) is { } known)
        {
            choice.CheckUnlessAll(known.Platform);
            return store.Commit(session, known, [arrival.Name], digest);
        }

        byte[] bytes = await ConfigAsync(arrival, pull.Access, cancellationToken).ConfigureAwait(false);
        ImageConfig config = arrival.ReadConfig(bytes);
        choice.CheckUnlessAll(ImageConfigurations.PlatformOf(config));
        IReadOnlyList<Digest> diffIds = arrival.DiffIds(config), chainIds = Digest.ChainIds(diffIds);
        PullRecord record = arrival.Record(chainIds);
        store.Pulls.Put(session, manifest.Remote.Digest, record);
        store.Blobs.Put(session, Digest.Parse(manifest.Config.Digest), bytes);
        store.Blobs.Put(session, manifest.Remote.Digest, manifest.Remote.Bytes);
        LayerPull[] layers =
        [
            .. manifest.Layers.Select((layer, i) => new LayerPull(store, registry, arrival.Reference, pull.Access, layer, diffIds[i], chainIds[i], progress)),
        ];
        long[] sizes;
        try
        {
            sizes = await RunAsync(layers, pull.ThrottleLimit ?? LayersAtOnce, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // A prune beside it may have given up all pulls.
            store.Pulls.Keep(session, manifest.Remote.Digest, record);
            throw;
        }

        ImageRow row = ImageConfigurations.ToRow(
            config, manifest.Config.Digest,
            [.. manifest.Layers.Select((layer, i) => new ImageLayer(diffIds[i].ToString(), chainIds[i].ToString(), layer.Digest, sizes[i]))]) with
        {
            Manifest = manifest.Remote.Digest.ToString(),
            ManifestSize = manifest.Remote.Bytes.Length,
            ManifestType = manifest.Remote.MediaType,
        };
        IReadOnlyList<NamedImage> images = store.Commit(session, row, [arrival.Name], digest);
        store.Pulls.Remove(manifest.Remote.Digest);
        return images;
    }

    private async Task<byte[]> ConfigAsync(ImageArrival arrival, RegistryAccess access, CancellationToken cancellationToken)
    {
        Descriptor config = arrival.Manifest.Config;
        Digest digest = Digest.Parse(config.Digest);
        return store.Blobs.Has(digest)
            ? store.Blobs.Read(digest)
            : await SmallBlob.ReadAsync(registry, arrival.Reference, config, access, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Several at once, the longest first, so that it is not the one for which all wait in the end.</summary>
    private static async Task<long[]> RunAsync(LayerPull[] layers, int atOnce, CancellationToken cancellationToken)
    {
        var sizes = new long[layers.Length];
        foreach (LayerPull layer in layers) layer.Announce();
        await Together.FailureFirstAsync(Parallel.ForEachAsync(
            Enumerable.Range(0, layers.Length).OrderByDescending(i => layers[i].Layer.Size),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (i, token) => sizes[i] = await layers[i].RunAsync(token).ConfigureAwait(false))).ConfigureAwait(false);
        return sizes;
    }
}
