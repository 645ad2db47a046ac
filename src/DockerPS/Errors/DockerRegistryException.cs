namespace DockerPS;

/// <summary>A registry refused, failed or could not be reached.</summary>
public sealed class DockerRegistryException(
    string errorId, string message, object? subject, string registry, int status = 0, string code = "", Exception? inner = null)
    : DockerException(errorId, message, subject, inner)
{
    /// <summary>The registry as it is reached: host and port, or the name that people call it by (<c>docker.io</c>).</summary>
    public string Registry { get; } = registry;

    /// <summary>HTTP status of its answer; 0 when there was none.</summary>
    public int Status { get; } = status;

    /// <summary>Code of its error (<c>MANIFEST_UNKNOWN</c>; OCI distribution-spec, error codes) or empty.</summary>
    public string Code { get; } = code;
}
