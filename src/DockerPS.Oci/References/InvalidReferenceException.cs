namespace DockerPS.Oci.References;

/// <summary>The text is not an image reference; the message says which part breaks which rule.</summary>
public sealed class InvalidReferenceException(string reference, string reason)
    : FormatException($"'{reference}' is not an image reference: {reason}")
{
    /// <summary>What was given.</summary>
    public string Reference { get; } = reference;
}
