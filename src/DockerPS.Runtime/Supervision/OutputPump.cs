using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>Moves a process's output to the log and to whoever is attached, and their input to it. Never waits.</summary>
internal sealed class OutputPump(ProcessStreams streams, LogWriter? log, OutputQueue? attached)
{
    public const int ChunkLength = 32 * 1024;

    private readonly byte[] _buffer = new byte[ChunkLength];
    private readonly byte[] _input = attached is null ? [] : new byte[4096];
    private int _inputStart;
    private int _inputEnd;
    private bool _inputEnded = attached is null;
    private bool _draining;

    public ProcessStreams Streams => streams;

    /// <summary>Output may be read: nothing waits for the attached reader.</summary>
    public bool WantsOutput => _draining || attached is not { Open: true, Pending: true };

    /// <summary>The attached side's input may be read.</summary>
    public bool WantsInput => !_inputEnded && _inputStart == _inputEnd;

    public bool HasInput => _inputStart < _inputEnd;

    public OutputQueue? Attached => attached;

    /// <summary>Reads once from a stream (0 output, 1 error). False when there is nothing now, or it has ended.</summary>
    public bool Pump(int stream)
    {
        ref int descriptor = ref stream == 0 ? ref streams.Output : ref streams.Error;
        if (descriptor < 0 || !WantsOutput) return false;
        int length = LibC.TryRead(descriptor, _buffer);
        if (length == -Errno.EAGAIN) return false;
        if (length <= 0)
        {
            // A terminal whose last user has gone answers EIO.
            LibC.Close(ref descriptor);
            return false;
        }

        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, length);
        log?.Write(stream, bytes);
        attached?.Send(stream == 0 ? RuntimeMessageKind.StdOut : RuntimeMessageKind.StdErr, bytes);
        return true;
    }

    /// <summary>Reads the attached side's input (descriptor 0) once, and passes on what fits.</summary>
    public void PumpInput()
    {
        if (WantsInput)
        {
            int length = LibC.TryRead(0, _input);
            if (length == -Errno.EAGAIN) return;
            _inputStart = 0;
            _inputEnd = Math.Max(length, 0);
            if (length <= 0)
            {
                EndInput();
                return;
            }
        }

        while (HasInput && streams.Input >= 0)
        {
            int written = LibC.TryWrite(streams.Input, _input.AsSpan(_inputStart, _inputEnd - _inputStart));
            if (written == -Errno.EAGAIN) return;
            if (written < 0)
            {
                EndInput();
                return;
            }

            _inputStart += written;
        }

        if (streams.Input < 0) _inputStart = _inputEnd;
    }

    /// <summary>After the process's end: what is left in the pipes goes into the log and the queue, without waiting for anybody.</summary>
    public void Drain()
    {
        _draining = true;
        for (int stream = 0; stream < 2; stream++)
        {
            while (Pump(stream))
            {
            }
        }

        log?.End();
    }

    private void EndInput()
    {
        _inputEnded = true;
        _inputStart = _inputEnd = 0;
        if (streams.Input < 0) return;
        // A terminal has no end to close: its end-of-file character says it.
        if (streams.Terminal) LibC.TryWrite(streams.Input, [4]);
        LibC.Close(ref streams.Input);
    }
}
