namespace DockerPS.Engine.Images.Push;

/// <summary>Tells whether a registry refused a manifest for its kind, and may take the same image in Docker's older words.</summary>
internal static class ManifestRefusal
{
    /// <summary>Registries from before OCI call it an invalid manifest (or tag, of all things), Quay an unsupported one.</summary>
    private static readonly string[] Codes = ["MANIFEST_INVALID", "TAG_INVALID", "UNSUPPORTED"];

    public static bool IsOfKind(DockerRegistryException error) => error.Status switch
    {
        415 => true,
        400 or 405 or 422 => Codes.Contains(error.Code) || error.Message.Contains("media type", StringComparison.OrdinalIgnoreCase)
            || error.Message.Contains("mediatype", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
