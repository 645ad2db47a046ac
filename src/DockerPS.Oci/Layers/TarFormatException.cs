namespace DockerPS.Oci.Layers;

/// <summary>An archive is damaged, hostile, too large, or no archive at all. The message is one sentence for people.</summary>
public sealed class TarFormatException : FormatException
{
    public TarFormatException(string message) : base(message) { }
    public TarFormatException(string message, Exception inner) : base(message, inner) { }
    public TarFormatException(TarFault fault, string message) : base(message) => Fault = fault;

    public TarFault Fault { get; }
}

/// <summary>What is wrong with an archive.</summary>
public enum TarFault
{
    Damaged,

    /// <summary>It reaches outside of the directory that it is unpacked into.</summary>
    Unsafe,

    /// <summary>It is over a limit.</summary>
    TooLarge,
}
