using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// A blob that is still being written. Whoever writes it says on standard input, after the request, how many of its bytes are in the file, as a
/// 64-bit little-endian number; all others follow there.
/// </summary>
internal sealed unsafe class BlobFeed
{
    private const int TurnMilliseconds = 100, PipeLength = 1 << 20, SetPipeLength = 1031;

    private readonly Action _turn;
    private long? _stored;
    private volatile bool _stopped;

    /// <param name="turn">Called again and again while nothing comes; may end the waiting by an exception.</param>
    public BlobFeed(Action turn)
    {
        _turn = turn;
        // The most that anybody may ask for; where it is not to be had the usual length does.
        _ = LibC.fcntl(0, SetPipeLength, PipeLength);
    }

    /// <summary>How many bytes are to be read from the file. Waits until that is known.</summary>
    /// <exception cref="LayerException">As of <see cref="Read"/>.</exception>
    public long Stored => _stored ??= ReadStored();

    /// <summary>Reads some of what follows; at least one byte.</summary>
    /// <exception cref="LayerException">The rest will not come, or the waiting was stopped.</exception>
    public int Read(Span<byte> buffer)
    {
        while (true)
        {
            _turn();
            if (_stopped) throw LayerException.Of(RuntimeStages.Write, "The work was interrupted.", "", Errno.EINTR);
            var input = new LibC.pollfd { Descriptor = 0, Events = LibC.POLLIN };
            int ready = LibC.poll(&input, 1, TurnMilliseconds);
            if (ready < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
                throw LayerException.Of(RuntimeStages.Config, "Standard input cannot be waited for.", "poll", Marshal.GetLastPInvokeError());
            if (ready <= 0) continue;
            int read = LibC.Read(0, buffer);
            return read > 0 ? read : throw LayerException.Of(RuntimeStages.Write, "Whoever was writing the layer's file is gone.", "", Errno.EPIPE);
        }
    }

    /// <summary>Ends a waiting on another thread soon.</summary>
    public void Stop() => _stopped = true;

    private long ReadStored()
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        for (int done = 0; done < number.Length;) done += Read(number[done..]);
        return BinaryPrimitives.ReadInt64LittleEndian(number);
    }
}
