using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// Appends lines to the log in Docker's json-file format: {"log":"line\n","stream":"stdout","time":"…"}. A line longer than 16 KiB is
/// split into records of which only the last ends in a line feed. Nothing is allocated per line.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private const int LineLimit = 16 * 1024;
    private readonly int _file;
    private readonly byte[][] _partial = new byte[2][];
    private readonly int[] _partialLength = new int[2];
    private readonly byte[] _out = new byte[8 * 1024];
    private int _outLength;

    public LogWriter(string path) => _file = LibC.Open(path, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND, 0x1A0 /* 0640 */);

    /// <summary>Takes what a stream (0 stdout, 1 stderr) wrote.</summary>
    public void Write(int stream, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            int take = Math.Min(end < 0 ? bytes.Length : end + 1, LineLimit - _partialLength[stream]);
            bool whole = end >= 0 && take == end + 1;
            if (whole && _partialLength[stream] == 0)
            {
                Record(stream, bytes[..take]);
            }
            else
            {
                byte[] partial = _partial[stream] ??= new byte[LineLimit];
                bytes[..take].CopyTo(partial.AsSpan(_partialLength[stream]));
                _partialLength[stream] += take;
                if (whole || _partialLength[stream] == LineLimit) EndPartial(stream);
            }

            bytes = bytes[take..];
        }

        Flush();
    }

    /// <summary>Writes what has no line feed yet: the stream has ended.</summary>
    public void End()
    {
        for (int stream = 0; stream < 2; stream++)
        {
            if (_partialLength[stream] > 0) EndPartial(stream);
        }

        Flush();
    }

    public void Dispose()
    {
        int file = _file;
        LibC.Close(ref file);
    }

    private void EndPartial(int stream)
    {
        Record(stream, _partial[stream].AsSpan(0, _partialLength[stream]));
        _partialLength[stream] = 0;
    }

    private void Record(int stream, ReadOnlySpan<byte> line)
    {
        Append("{\"log\":\""u8);
        Escape(line);
        Append("\",\"stream\":\""u8);
        Append(stream == 0 ? "stdout"u8 : "stderr"u8);
        Append("\",\"time\":\""u8);
        AppendTime();
        Append("\"}\n"u8);
    }

    private void Escape(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_out.Length - _outLength < 16) Flush();
            byte b = text[0];
            if (b >= 0x80)
            {
                bool valid = Rune.DecodeFromUtf8(text, out _, out int length) == System.Buffers.OperationStatus.Done;
                if (valid) Append(text[..length]);
                else Append("\\ufffd"u8);
                text = text[length..];
                continue;
            }

            switch (b)
            {
                case (byte)'"': Append("\\\""u8); break;
                case (byte)'\\': Append("\\\\"u8); break;
                case (byte)'\n': Append("\\n"u8); break;
                case (byte)'\r': Append("\\r"u8); break;
                case (byte)'\t': Append("\\t"u8); break;
                case < 0x20 or 0x7F:
                    Append("\\u00"u8);
                    _out[_outLength++] = "0123456789abcdef"u8[b >> 4];
                    _out[_outLength++] = "0123456789abcdef"u8[b & 15];
                    break;
                default:
                    _out[_outLength++] = b;
                    break;
            }

            text = text[1..];
        }
    }

    /// <summary>RFC 3339 with nanoseconds, of which this clock has hundreds.</summary>
    private void AppendTime()
    {
        if (_out.Length - _outLength < 64) Flush();
        DateTime.UtcNow.TryFormat(
            _out.AsSpan(_outLength), out int written, "yyyy-MM-ddTHH:mm:ss.fffffff", System.Globalization.CultureInfo.InvariantCulture);
        _outLength += written;
        Append("00Z"u8);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_out.Length - _outLength < bytes.Length) Flush();
        bytes.CopyTo(_out.AsSpan(_outLength));
        _outLength += bytes.Length;
    }

    private void Flush()
    {
        // A full disk loses lines of the log rather than the container.
        ReadOnlySpan<byte> rest = _out.AsSpan(0, _outLength);
        while (!rest.IsEmpty)
        {
            int written = LibC.TryWrite(_file, rest);
            if (written <= 0) break;
            rest = rest[written..];
        }

        _outLength = 0;
    }
}
