using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Images;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Runtime;
using DockerPS.Engine.Store;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine;

/// <summary>How <see cref="ContainerEngine.CommitContainerAsync"/> makes an image.</summary>
public sealed record ContainerCommit
{
    /// <summary>What it shall be called; null leaves it without a name.</summary>
    public string? Name { get; init; }

    /// <summary>Dockerfile instructions (<c>CMD ["sh"]</c>).</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    public string? Author { get; init; }

    public string? Message { get; init; }

    /// <summary>Freeze a running container while its files are read.</summary>
    public bool Pause { get; init; } = true;
}

public sealed partial class ContainerEngine
{
    /// <summary>An archive of nothing: two blocks of zeros.</summary>
    private const long EmptyArchive = 1024;

    /// <summary>
    /// Makes an image of a container, in whatever state it is: its image's layers and one of what it changed. Mounts and volumes are not
    /// part of it. Nothing is left of a failure.
    /// </summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound.</exception>
    /// <exception cref="DockerArgumentException">InvalidReference, InvalidChange.</exception>
    /// <exception cref="DockerEnvironmentException">PermissionDenied, StoreFull, StoreUnavailable.</exception>
    public async Task<ContainerImage> CommitContainerAsync(
        string id, ContainerCommit commit, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ImageReference? name = commit.Name is null ? null : ImageStore.ParseName(commit.Name);
        if (name?.Digest is not null)
            throw new DockerArgumentException("InvalidReference", $"'{commit.Name}' has a digest: a name that is given to an image has only a tag.", commit.Name);
        ContainerRow row = Resolve(id);
        return await StoreChange.RunAsync(Images, _options, async session =>
        {
            (ImageRow image, IReadOnlyList<string> layers) = Images.OfContainer(row.ImageId);
            ImageConfig config = JsonSerializer.Deserialize(Images.Blobs.Read(Digest.Parse(image.Id)), ImageSpecJson.Default.ImageConfig)!;
            // Before the files are read, so that a mistake costs no time.
            ContainerConfig.Apply(config, row.Spec, commit, DateTimeOffset.UtcNow);
            string file = session.NewFile();
            var request = new DiffRequest
            {
                Layers = ContainerLayers.Of(DirectoryOf(row.Id), layers), Output = file, MountPoints = ContainerLayers.MountPoints(row.Spec),
            };
            ArchiveResult archive = await ReadAtRestAsync(row, commit.Pause, () => Images.Runtime.DiffLayerAsync(
                request, null, done => progress?.Report(new EngineProgress(row.Name, "Reading", done, 0)), cancellationToken), cancellationToken)
                .ConfigureAwait(false);

            List<StagedLayer> staged = [.. image.Layers.Select(layer => new StagedLayer(layer.DiffId, null, Digest.Parse(layer.Blob)))];
            bool changed = archive.Length > EmptyArchive;
            if (changed)
            {
                Digest digest = Digest.Parse(archive.Digest);
                staged.Add(new StagedLayer(row.Name, new ArchiveFile(file, 0, archive.Length, digest), digest));
            }

            ContainerConfig.AddLayer(config, row.Spec, commit, changed ? archive.Digest : null);
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(config, ImageSpecJson.Writing.ImageConfig);
            IReadOnlyList<NamedImage> images = await new ImageWriter(Images, session, progress)
                .WriteAsync(new StagedImage(bytes, null, staged, name is null ? [] : [name]), cancellationToken).ConfigureAwait(false);
            return images[0].ToImage();
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads a container's files while nobody starts or removes it, and frozen when that is asked for and it runs. It is thawed also when
    /// reading fails or is stopped, and by its supervisor when this process is killed.
    /// </summary>
    private async Task<T> ReadAtRestAsync<T>(ContainerRow row, bool pause, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        using ContainerLock? mine = await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(row.Name);
        if (!pause || Current(row) is not { Running: true, Paused: false }) return await read().ConfigureAwait(false);
        using IDisposable hold = await HoldAsync(row, cancellationToken).ConfigureAwait(false);
        try
        {
            return await read().ConfigureAwait(false);
        }
        finally
        {
            // The end of the connection would do, but whoever looks now shall see it running.
            await TryAskAsync(row, new ControlRequest { Verb = "resume" }, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Freezes a running container until what is returned is disposed, or this process ends in whatever way.</summary>
    private async Task<IDisposable> HoldAsync(ContainerRow row, CancellationToken cancellationToken)
    {
        var hold = new ControlRequest { Verb = "hold" };
        (ControlReply? reply, IDisposable connection) = await ControlSocket.OpenAsync(DirectoryOf(row.Id).ControlSocket, hold, cancellationToken).ConfigureAwait(false);
        if (reply is { Ok: true }) return connection;
        connection.Dispose();
        throw reply is null ? Ended(row) : Refused(row, "pause", reply);
    }
}
