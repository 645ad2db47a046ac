using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// How much of a blob is there that is still being written. Whoever writes it says so on standard input, after the request: 64-bit
/// little-endian numbers, each greater than the one before.
/// </summary>
/// <param name="turn">Called again and again while nothing comes; may end the waiting by an exception.</param>
internal sealed unsafe class BlobGrowth(Action turn)
{
    private const int TurnMilliseconds = 100, BufferLength = 4096;

    private readonly byte[] _buffer = new byte[BufferLength];
    private int _length;
    private long _available;
    private volatile bool _stopped;

    /// <summary>Waits until more bytes than these are there, and returns how many.</summary>
    /// <exception cref="LayerException">The rest will not come, or the waiting was stopped.</exception>
    public long Await(long position)
    {
        while (_available <= position)
        {
            turn();
            if (_stopped) throw LayerException.Of(RuntimeStages.Write, "The work was interrupted.", "", Errno.EINTR);
            var input = new LibC.pollfd { Descriptor = 0, Events = LibC.POLLIN };
            int ready = LibC.poll(&input, 1, TurnMilliseconds);
            if (ready < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
                throw LayerException.Of(RuntimeStages.Config, "Standard input cannot be waited for.", "poll", Marshal.GetLastPInvokeError());
            if (ready > 0) Read();
        }

        return _available;
    }

    /// <summary>Ends a waiting on another thread soon.</summary>
    public void Stop() => _stopped = true;

    private void Read()
    {
        int read = LibC.Read(0, _buffer.AsSpan(_length));
        if (read == 0) throw LayerException.Of(RuntimeStages.Write, "Whoever was writing the layer's file is gone.", "", Errno.EPIPE);
        _length += read;
        int whole = _length & ~(sizeof(long) - 1);
        if (whole == 0) return;
        _available = BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(whole - sizeof(long)));
        _buffer.AsSpan(whole, _length - whole).CopyTo(_buffer);
        _length -= whole;
    }
}
