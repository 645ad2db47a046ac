using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Layers;

/// <summary>What verbs that work on layers share: the request on standard input, and being asked to stop.</summary>
internal sealed class VerbRequest : IDisposable
{
    private const int MaxLength = 64 << 20;
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _stopped;

    /// <summary>From now on SIGTERM, SIGINT and SIGHUP ask to undo what was done and to end.</summary>
    public VerbRequest() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop),
    ];

    /// <summary>Reads standard input to its end, or, of one that goes on after the request, as much as its first four bytes say.</summary>
    /// <exception cref="LayerException">It is not a request.</exception>
    public static T Read<T>(JsonTypeInfo<T> type, bool framed = false) where T : class
    {
        byte[] json = new byte[4096];
        int length = 0;
        try
        {
            int wanted = framed ? ReadLength() : int.MaxValue;
            while (length < wanted)
            {
                int read = LibC.Read(0, json.AsSpan(length, Math.Min(json.Length - length, wanted - length)));
                if (read == 0) break;
                length += read;
                if (length > MaxLength) throw LayerException.Of(RuntimeStages.Config, "The request is longer than 64 MiB.");
                if (length == json.Length) Array.Resize(ref json, length * 2);
            }
            return JsonSerializer.Deserialize(json.AsSpan(0, length), type)
                ?? throw LayerException.Of(RuntimeStages.Config, "The request is null.");
        }
        catch (JsonException e)
        {
            throw LayerException.Of(RuntimeStages.Config,
                $"The request on standard input is not what was expected (line {e.LineNumber}, byte {e.BytePositionInLine}, {e.Path}).");
        }
        catch (LinuxException e)
        {
            throw LayerException.Of(RuntimeStages.Config, "Standard input cannot be read.", e.Call, e.Number);
        }
    }

    private static int ReadLength()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        for (int done = 0; done < bytes.Length;)
        {
            int read = LibC.Read(0, bytes[done..]);
            if (read == 0) throw LayerException.Of(RuntimeStages.Config, "There is no request on standard input.");
            done += read;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is > 0 and <= MaxLength ? length : throw LayerException.Of(RuntimeStages.Config, "The request is longer than 64 MiB.");
    }

    /// <summary>Ends the work by an exception when a signal came or nobody reads the messages any more.</summary>
    public void ThrowIfStopped(MessageChannel channel)
    {
        if (_stopped) throw LayerException.Of(RuntimeStages.Write, "The work was interrupted by a signal.", "", Errno.EINTR);
        if (channel.Broken) throw LayerException.Of(RuntimeStages.Write, "Whoever asked for it is gone.", "", Errno.EPIPE);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stopped = true;
    }
}
