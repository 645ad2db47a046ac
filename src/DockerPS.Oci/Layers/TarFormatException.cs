namespace DockerPS.Oci.Layers;

/// <summary>An archive is damaged, hostile, too large, or no archive at all. The message is one sentence for people.</summary>
public sealed class TarFormatException : FormatException
{
    public TarFormatException(string message) : base(message) { }
    public TarFormatException(string message, Exception inner) : base(message, inner) { }
}
