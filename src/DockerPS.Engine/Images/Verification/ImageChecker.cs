using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Verification;

/// <summary>Verifies every digest of stored images and repairs what it can: from the registry they came from, and by unpacking again.</summary>
internal sealed class ImageChecker(ImageStore store, RegistryClient registry, ImageCheckRequest request, IProgress<EngineProgress>? progress)
{
    private const long ProgressStep = 8 << 20;
    private long _checked;

    public async Task<ContainerImageCheck> CheckAsync(NamedImage image, CancellationToken cancellationToken)
    {
        using StoreSession session = store.OpenSession();
        string name = image.ToImage().Reference;
        var blobs = new BlobCheck(store, bytes => Count(name, bytes));
        var problems = new List<ContainerImageProblem>();
        foreach ((string part, Digest digest) in SmallParts(image.Row))
        {
            if (blobs.ProblemOf(digest, cancellationToken) is not { } reason) continue;
            problems.Add(await TryRepairAsync(
                new ContainerImageProblem { Part = part, Digest = digest.ToString(), Reason = reason },
                repository => FetchAsync(session, repository, image.Row, part, digest, cancellationToken), image.Row).ConfigureAwait(false));
        }

        var lost = new ContainerImageProblem?[2 * image.Row.Layers.Count];
        await Parallel.ForAsync(
            0, image.Row.Layers.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            (i, token) =>
            {
                ImageLayer layer = image.Row.Layers[i];
                if (blobs.ProblemOfLayer(Digest.Parse(layer.Blob), Digest.Parse(layer.DiffId), token) is { } reason)
                    lost[2 * i] = new ContainerImageProblem { Part = "Layer", Digest = layer.Blob, Reason = reason };
                if (store.Layers.SizeOf(Digest.Parse(layer.ChainId)) is null || !Directory.Exists(store.Layout.LayerDirectory(layer.ChainId)))
                    lost[(2 * i) + 1] = new ContainerImageProblem { Part = "Files", Digest = layer.DiffId, Reason = "What was unpacked of the layer is gone." };
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        for (int i = 0; i < lost.Length; i++)
        {
            if (lost[i] is { } problem) problems.Add(await RepairLayerAsync(session, image.Row, i / 2, problem, cancellationToken).ConfigureAwait(false));
        }

        return new ContainerImageCheck { Image = name, Id = image.Row.Id, Checked = _checked, Problems = problems };
    }

    /// <summary>What is not a layer. An index is only there when one was pulled.</summary>
    private IEnumerable<(string Part, Digest Digest)> SmallParts(ImageRow row)
    {
        foreach (string text in row.RepositoryDigests)
        {
            Digest digest = Digest.Parse(text[(text.IndexOf('@', StringComparison.Ordinal) + 1)..]);
            if (digest.ToString() != row.Manifest && store.Blobs.Has(digest)) yield return ("Index", digest);
        }

        yield return ("Manifest", Digest.Parse(row.Manifest));
        yield return ("Config", Digest.Parse(row.Id));
    }

    private Task<ContainerImageProblem> RepairLayerAsync(
        StoreSession session, ImageRow row, int index, ContainerImageProblem problem, CancellationToken cancellationToken)
    {
        ImageLayer layer = row.Layers[index];
        Digest blob = Digest.Parse(layer.Blob);
        Digest diffId = Digest.Parse(layer.DiffId), chainId = Digest.Parse(layer.ChainId);
        // Files come from the blob when that is there, and then from no registry.
        bool local = problem.Part == "Files" && store.Blobs.Has(blob);
        return TryRepairAsync(problem, async repository =>
        {
            Descriptor descriptor = DescriptorOf(row, layer.Blob);
            var pull = new LayerPull(store, registry, repository, request.Access, descriptor, diffId, chainId, progress);
            if (problem.Part == "Files") await pull.RunAsync(cancellationToken).ConfigureAwait(false);
            else await ReplaceAsync(session, blob, () => pull.RunAsync(cancellationToken)).ConfigureAwait(false);
        }, row, local);
    }

    private async Task<ContainerImageProblem> TryRepairAsync(ContainerImageProblem problem, Func<ImageReference, Task> repair, ImageRow row, bool local = false)
    {
        if (!request.Repair) return problem;
        List<ImageReference> repositories =
            [.. row.RepositoryDigests.Select(text => ImageReference.Parse(text)).DistinctBy(reference => reference.CanonicalRepository)];
        if (local && repositories.Count == 0) repositories.Add(ImageReference.Parse("local"));
        string error = "The image came from no registry: import or build it again.";
        foreach (ImageReference repository in repositories)
        {
            try
            {
                await repair(repository).ConfigureAwait(false);
                return problem with { Repaired = true };
            }
            catch (Exception e) when (e is DockerException or JsonException or IOException)
            {
                error = e.Message;
            }
        }

        return problem with { RepairError = error };
    }

    private async Task FetchAsync(
        StoreSession session, ImageReference repository, ImageRow row, string part, Digest digest, CancellationToken cancellationToken)
    {
        // How long a config is says the manifest, which has been repaired before when that was needed.
        byte[] bytes = part == "Config"
            ? await SmallBlob.ReadAsync(registry, repository, ManifestOf(row).Config!, request.Access, cancellationToken).ConfigureAwait(false)
            : (await registry.GetManifestAsync(repository.WithoutTag(digest), request.Access, cancellationToken).ConfigureAwait(false)).Bytes;
        await ReplaceAsync(session, digest, () =>
        {
            DurableFile.Write(store.Layout.Blob(digest), session.NewFile(), bytes);
            return Task.CompletedTask;
        }).ConfigureAwait(false);
    }

    /// <summary>Puts the damaged blob aside, and back when there is no better one.</summary>
    private async Task ReplaceAsync(StoreSession session, Digest digest, Func<Task> fetch)
    {
        string path = store.Layout.Blob(digest);
        string? aside = File.Exists(path) ? session.NewFile() : null;
        if (aside is not null) File.Move(path, aside);
        try
        {
            await fetch().ConfigureAwait(false);
        }
        catch
        {
            if (aside is not null && !File.Exists(path)) File.Move(aside, path);
            throw;
        }
    }

    private Descriptor DescriptorOf(ImageRow row, string blob) =>
        ManifestOf(row).Layers?.FirstOrDefault(layer => layer.Digest == blob) ?? throw new JsonException("The image's manifest does not name the layer.");

    private ImageManifest ManifestOf(ImageRow row) =>
        JsonSerializer.Deserialize(store.Blobs.Read(Digest.Parse(row.Manifest)), ImageSpecJson.Default.ImageManifest)
        ?? throw new JsonException("The image's manifest is damaged.");

    private void Count(string name, long bytes)
    {
        long now = Interlocked.Add(ref _checked, bytes);
        if (now / ProgressStep != (now - bytes) / ProgressStep) progress?.Report(new EngineProgress(name, "Checking", now, 0));
    }
}
