using DockerPS.Linux;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>Moves bytes between the standard streams and the master of a terminal, which does not block.</summary>
internal sealed class TerminalRelay(int master)
{
    private readonly byte[] _output = new byte[16 * 1024];
    private readonly byte[] _input = new byte[4096];
    private int _start, _end;
    private bool _inputEnded, _outputEnded;

    public int Master => master;

    public bool WantsOutput => !_outputEnded;

    public bool WantsInput => !_inputEnded && _start == _end;

    /// <summary>Bytes that the terminal has not taken yet.</summary>
    public bool HasInput => _start < _end;

    /// <summary>False when there is nothing now, or the last user of the terminal has gone.</summary>
    public bool PumpOutput()
    {
        int length = LibC.TryRead(master, _output);
        if (length == -Errno.EAGAIN) return false;
        _outputEnded = length <= 0;
        if (_outputEnded) return false;
        ReadOnlySpan<byte> rest = _output.AsSpan(0, length);
        while (!rest.IsEmpty)
        {
            int written = LibC.TryWrite(1, rest);
            if (written == -Errno.EAGAIN) LibC.AwaitWritable(1);
            else if (written <= 0) break;
            else rest = rest[written..];
        }

        return true;
    }

    public void PumpInput()
    {
        if (WantsInput)
        {
            int length = LibC.TryRead(0, _input);
            if (length == -Errno.EAGAIN) return;
            _inputEnded = length <= 0;
            (_start, _end) = (0, Math.Max(length, 0));
        }

        while (HasInput)
        {
            int written = LibC.TryWrite(master, _input.AsSpan(_start, _end - _start));
            if (written == -Errno.EAGAIN) return;
            _start = written <= 0 ? _end : _start + written;
        }
    }
}
