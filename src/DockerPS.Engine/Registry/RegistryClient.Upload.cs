using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>For bringing content into the repository of a name. Always the registry itself, never a mirror.</summary>
    public RegistryUpload Upload(ImageReference reference, RegistryAccess access) =>
        new(Session(_endpoints.For(reference, access, push: true)[^1], access), reference.Familiar, _options);
}
