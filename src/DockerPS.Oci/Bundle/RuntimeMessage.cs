using System.Buffers.Binary;

namespace DockerPS.Oci.Bundle;

/// <summary>
/// The closed set of messages that <c>dockerps-runtime</c> writes on its standard output when the engine drives it
/// (supervise, execute, extract-layer, archive). A frame is one byte of kind, a 32-bit little-endian length and the payload.
/// </summary>
public enum RuntimeMessageKind : byte
{
    /// <summary><see cref="StartedMessage"/>: the process runs. When detached, the last message: the channel is then closed.</summary>
    Started = 1,

    /// <summary><see cref="RuntimeFailure"/>: nothing runs, all was undone. The last message.</summary>
    Failed = 2,

    /// <summary>Bytes of the process's standard output (everything, with a terminal).</summary>
    StdOut = 3,

    /// <summary>Bytes of its standard error.</summary>
    StdErr = 4,

    /// <summary><see cref="ExitedMessage"/>: it has ended, and all is torn down. The last message.</summary>
    Exited = 5,

    /// <summary>Eight bytes, little-endian: input bytes processed so far.</summary>
    Progress = 6,

    /// <summary>JSON result of a verb that is not a process (<see cref="LayerResult"/>, <see cref="ArchiveResult"/>). The last message.</summary>
    Result = 7,

    /// <summary>One byte of level (Microsoft.Extensions.Logging's numbers) and a line of text in UTF-8.</summary>
    Log = 8,

    /// <summary>JSON list of some of the things that a verb tells of (<see cref="TreeChange"/>).</summary>
    Items = 9,
}

public sealed class StartedMessage
{
    public int Pid { get; set; }
}

public sealed class ExitedMessage
{
    public int ExitCode { get; set; }
    public bool OomKilled { get; set; }
}

/// <summary>Reads frames from a stream.</summary>
public static class RuntimeMessages
{
    public const int HeaderLength = 5;

    /// <summary>Payloads are at most this long; a longer one means the stream is not a message channel.</summary>
    public const int MaxPayload = 1 << 20;

    /// <summary>Reads one frame into <paramref name="buffer"/>, which grows; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame, or the stream ends within one.</exception>
    public static async ValueTask<(RuntimeMessageKind Kind, ReadOnlyMemory<byte> Payload)?> ReadAsync(
        Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        int read = await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        if (read == 0) return null;
        if (read < HeaderLength) throw new InvalidDataException("The message channel ended within a header.");
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
        if (length is < 0 or > MaxPayload || header[0] is 0 or > (byte)RuntimeMessageKind.Items)
            throw new InvalidDataException("The message channel carries something that is not a message.");
        Memory<byte> payload = length <= buffer.Length ? buffer[..length] : new byte[length];
        read = await stream.ReadAtLeastAsync(payload, length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < length) throw new InvalidDataException("The message channel ended within a message.");
        return ((RuntimeMessageKind)header[0], payload);
    }

    /// <summary>Writes a frame's header into five bytes.</summary>
    public static void WriteHeader(Span<byte> header, RuntimeMessageKind kind, int length)
    {
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], length);
    }
}
