using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// Frames of output on their way to whoever is attached, without ever waiting for them: while a frame is stuck,
/// the container's pipes are not read, and so the container waits instead of the supervisor.
/// </summary>
internal sealed class OutputQueue(int descriptor)
{
    private readonly byte[] _frame = new byte[RuntimeMessages.HeaderLength + OutputPump.ChunkLength];
    private int _start;
    private int _end;

    /// <summary>Somebody reads.</summary>
    public bool Open { get; private set; } = true;

    public bool Pending => _start < _end;

    public int Descriptor => descriptor;

    /// <summary>Queues one chunk; only when nothing is pending.</summary>
    public void Send(RuntimeMessageKind kind, ReadOnlySpan<byte> bytes)
    {
        if (!Open) return;
        RuntimeMessages.WriteHeader(_frame, kind, bytes.Length);
        bytes.CopyTo(_frame.AsSpan(RuntimeMessages.HeaderLength));
        _start = 0;
        _end = RuntimeMessages.HeaderLength + bytes.Length;
        Flush();
    }

    /// <summary>Writes what fits.</summary>
    public void Flush()
    {
        while (Pending)
        {
            int written = LibC.TryWrite(descriptor, _frame.AsSpan(_start, _end - _start));
            if (written == -Errno.EAGAIN) return;
            if (written < 0)
            {
                Abandon();
                return;
            }

            _start += written;
        }
    }

    /// <summary>The reader is gone: output goes to the log alone.</summary>
    public void Abandon()
    {
        Open = false;
        _start = _end = 0;
    }
}
