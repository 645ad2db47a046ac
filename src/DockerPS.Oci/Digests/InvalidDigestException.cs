namespace DockerPS.Oci.Digests;

/// <summary>The text is not a digest.</summary>
public sealed class InvalidDigestException(string text)
    : FormatException($"'{text}' is not a digest. A digest is sha256: and 64, or sha512: and 128, lower-case hexadecimal digits.");
