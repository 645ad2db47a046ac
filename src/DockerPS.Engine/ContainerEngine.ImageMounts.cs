using DockerPS.Engine.Store;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Mounts an image's files read-only on the machine, where they stay until <see cref="DismountImageAsync"/> or a restart, whatever becomes
    /// of this process. An image that is mounted is not removed without force. Mounted at the store's own directory again, it is the same mount.
    /// </summary>
    /// <param name="name">Reference, id or beginning of one.</param>
    /// <param name="path">An empty directory, or one that is to be made; null takes one of the store's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    /// <exception cref="DockerConflictException">MountPathNotEmpty.</exception>
    /// <exception cref="DockerEnvironmentException">PermissionDenied.</exception>
    public Task<ContainerImageMount> MountImageAsync(string name, string? path, CancellationToken cancellationToken)
    {
        NeedRoot();
        return Images.Mounts.MountAsync(
            found => Images.WhileStored(name, found),
            path is null ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), cancellationToken);
    }

    /// <summary>Images that are mounted now.</summary>
    public IReadOnlyList<ContainerImageMount> GetImageMounts() => Images.Mounts.List();

    /// <summary>Takes a mount away. Idempotent.</summary>
    /// <param name="mount">Of <see cref="GetImageMounts"/>.</param>
    /// <param name="force">Also while somebody uses it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DockerConflictException">ImageMountBusy.</exception>
    public async Task<ContainerImageMount> DismountImageAsync(ContainerImageMount mount, bool force, CancellationToken cancellationToken)
    {
        NeedRoot();
        await Images.Mounts.DismountAsync(mount, force, cancellationToken).ConfigureAwait(false);
        return mount;
    }
}
