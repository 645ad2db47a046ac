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
    private MemoryStream? _backlog;

    /// <summary>Somebody reads.</summary>
    public bool Open { get; private set; } = true;

    public bool Pending => _start < _end;

    public int Descriptor => descriptor;

    /// <summary>Queues one chunk: while one is pending only for the end, when there is no more than pipes hold.</summary>
    public void Send(RuntimeMessageKind kind, ReadOnlySpan<byte> bytes)
    {
        if (!Open) return;
        if (Pending)
        {
            _backlog ??= new MemoryStream();
            Span<byte> header = stackalloc byte[RuntimeMessages.HeaderLength];
            RuntimeMessages.WriteHeader(header, kind, bytes.Length);
            _backlog.Write(header);
            _backlog.Write(bytes);
            return;
        }

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

    /// <summary>Writes all that is queued, however long the reader takes.</summary>
    public void Finish()
    {
        while (Open && Pending)
        {
            LibC.AwaitWritable(descriptor);
            Flush();
        }

        if (_backlog is null) return;
        for (int done = 0; Open && done < _backlog.Length;)
        {
            int written = LibC.TryWrite(descriptor, _backlog.GetBuffer().AsSpan(done, (int)_backlog.Length - done));
            if (written >= 0) done += written;
            else if (written == -Errno.EAGAIN) LibC.AwaitWritable(descriptor);
            else Abandon();
        }
    }

    /// <summary>The reader is gone: output goes to the log alone.</summary>
    public void Abandon()
    {
        Open = false;
        _start = _end = 0;
    }
}
