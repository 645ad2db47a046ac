using DockerPS.Engine.Catalogue;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Store;

/// <summary>Images: blobs as an OCI image layout, unpacked layers, and their rows in the catalogue.</summary>
internal sealed class ImageStore(EngineOptions options, CatalogueDatabase catalogue, ILogger logger)
{
    /// <summary>The image of a reference, id or id prefix, ready to run; <c>hello-world</c> is made when it is not stored.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    /// <exception cref="DockerConflictException">ImageAmbiguous.</exception>
    public Task<RunnableImage> RunnableAsync(string reference, CancellationToken cancellationToken)
    {
        _ = (options, catalogue, logger, reference, cancellationToken);
        throw new NotImplementedException();
    }

    /// <summary>The image of a container's row (<c>image_id</c>), also when its name was removed by force meanwhile.</summary>
    /// <exception cref="DockerNotFoundException">ImageNotFound.</exception>
    public RunnableImage RunnableById(string imageId) => throw new NotImplementedException(imageId);

    /// <summary>To be called after a container's row was removed: an image that was removed by force while the container used it goes now.</summary>
    public void Release(string imageId) => throw new NotImplementedException(imageId);

    /// <summary>To be called once on opening: removes what killed imports left. Costs two directory listings when nothing is left.</summary>
    public void Reconcile() => throw new NotImplementedException();
}
