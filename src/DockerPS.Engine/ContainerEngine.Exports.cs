using DockerPS.Engine.Images.Exports;

namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.ExportImagesAsync"/> writes.</summary>
public sealed record ImageExport
{
    /// <summary>As in <see cref="ImageFilter.Names"/>; a repository means all its tags.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>File or directory to make.</summary>
    public required string Path { get; init; }

    public ContainerImageFormat Format { get; init; }

    /// <summary>Of the whole file.</summary>
    public ContainerArchiveCompression Compression { get; init; }

    /// <summary>A directory instead of a tar; so is a path that is a directory already or ends with a slash.</summary>
    public bool AsDirectory { get; init; }

    /// <summary>Replace a file, or a directory that is such an export.</summary>
    public bool Overwrite { get; init; }
}

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Writes images into one archive, with the blobs as they are stored: whoever reads it gets the same ids and digests. Whole or not there.
    /// The same images give the same bytes.
    /// </summary>
    /// <returns>Absolute path of the file or directory.</returns>
    /// <exception cref="DockerNotFoundException">ImageNotFound, PathNotFound.</exception>
    /// <exception cref="DockerConflictException">ExportPathExists.</exception>
    /// <exception cref="DockerIntegrityException">ImageIncomplete, DigestMismatch.</exception>
    /// <exception cref="DockerEnvironmentException">DiskFull, PermissionDenied, ExportFailed.</exception>
    public Task<string> ExportImagesAsync(ImageExport export, IProgress<EngineProgress>? progress, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => new ImageExporter(Images, export).Run(progress, cancellationToken), cancellationToken,
        TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
