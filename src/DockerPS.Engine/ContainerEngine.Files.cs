using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Images.Exports;
using DockerPS.Engine.Runtime;
using DockerPS.Engine.Store;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.ExportContainerAsync"/> writes.</summary>
public sealed record ContainerExport
{
    /// <summary>File to make.</summary>
    public required string Path { get; init; }

    public ContainerArchiveCompression Compression { get; init; }

    /// <summary>Replace a file.</summary>
    public bool Overwrite { get; init; }
}

public sealed partial class ContainerEngine
{
    /// <summary>What a container changed in its image's files, in any state; directories before what is in them.</summary>
    /// <param name="id">Name, id or beginning of one.</param>
    /// <param name="found">Called with some at a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DockerNotFoundException">ContainerNotFound.</exception>
    public async Task<int> CompareContainerAsync(string id, Action<IReadOnlyList<ContainerChange>> found, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        using StoreSession session = Images.OpenSession();
        (_, IReadOnlyList<string> layers) = Images.OfContainer(row.ImageId);
        var request = new DiffRequest
        {
            Layers = ContainerLayers.Of(DirectoryOf(row.Id), layers), List = true, MountPoints = ContainerLayers.MountPoints(row.Spec),
        };
        int count = 0;
        await Images.Runtime.DiffLayerAsync(request, changes =>
        {
            count += changes.Count;
            found([.. changes.Select(change => new ContainerChange
            {
                Container = row.Name,
                Kind = TreeFiles.KindOf(change),
                Path = change.Path,
                Before = TreeFiles.ToFile(change.Before),
                After = TreeFiles.ToFile(change.After),
            })]);
        }, null, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>
    /// Writes what a container's root shows as a tar: the image with the container's changes, without mounts and volumes. Whole or not
    /// there; a running container goes on meanwhile.
    /// </summary>
    /// <returns>Absolute path of the file.</returns>
    /// <exception cref="DockerNotFoundException">ContainerNotFound, PathNotFound.</exception>
    /// <exception cref="DockerConflictException">ExportPathExists.</exception>
    /// <exception cref="DockerEnvironmentException">DiskFull, PermissionDenied, ExportFailed.</exception>
    public async Task<string> ExportContainerAsync(
        string id, ContainerExport export, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        using StoreSession session = Images.OpenSession();
        (_, IReadOnlyList<string> layers) = Images.OfContainer(row.ImageId);
        return await WriteTreeAsync(
            export,
            output => ReadAtRestAsync(
                row, pause: false,
                () => Images.Runtime.ArchiveTreeAsync(
                    new ArchiveTreeRequest { Layers = ContainerLayers.Of(DirectoryOf(row.Id), layers), Output = output },
                    done => progress?.Report(new EngineProgress(row.Name, "Writing", done, 0)), cancellationToken),
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A file that is made beside its place, compressed, and gets its name when it is whole.</summary>
    private static async Task<string> WriteTreeAsync(ContainerExport export, Func<string, Task> write, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(export.Path);
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            throw new DockerConflictException("ExportPathExists", $"'{path}' is a directory. Give the path of a file in it.", path);
        if (File.Exists(path) && !export.Overwrite)
            throw new DockerConflictException("ExportPathExists", $"'{path}' is there already. Remove it, or choose another path.", path);
        try
        {
            using var output = new PartialOutput(path);
            await write(output.Path).ConfigureAwait(false);
            await ArchiveCompression.CompressAsync(output.Path, export.Compression, cancellationToken).ConfigureAwait(false);
            output.Place();
            return path;
        }
        catch (DockerEnvironmentException e) when (e.ErrorId is "StoreFull" or "StoreUnavailable")
        {
            // The same failure of a disk, which here is not the store's.
            throw ExportErrors.From(new IOException(e.Message, e.ErrorId == "StoreFull" ? ExportErrors.NoSpace : 0), path)!;
        }
        catch (Exception e) when (e is not DockerException && ExportErrors.From(e, path) is { } error)
        {
            throw error;
        }
    }
}
