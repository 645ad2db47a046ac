using System.Buffers;
using System.Text;

namespace DockerPS.Module.Hosting;

/// <summary>
/// Makes lines of chunks of bytes. A line is decoded when it is whole, so that a character split between two chunks is never torn.
/// </summary>
/// <param name="tty">A terminal ends its lines with CR LF; the CR is not part of the line.</param>
internal sealed class LineSplitter(bool tty)
{
    private readonly ArrayBufferWriter<byte> _begun = new(256);

    /// <summary>The lines that these bytes end.</summary>
    public List<string> Add(ReadOnlySpan<byte> bytes)
    {
        List<string> lines = [];
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            if (_begun.WrittenCount == 0)
            {
                lines.Add(Decode(bytes[..end]));
            }
            else
            {
                _begun.Write(bytes[..end]);
                lines.Add(Decode(_begun.WrittenSpan));
                _begun.ResetWrittenCount();
            }
        }
        _begun.Write(bytes);
        return lines;
    }

    /// <summary>The last line when it was not ended.</summary>
    public List<string> Finish()
    {
        if (_begun.WrittenCount == 0) return [];
        string last = Decode(_begun.WrittenSpan);
        _begun.ResetWrittenCount();
        return [last];
    }

    private string Decode(ReadOnlySpan<byte> line)
    {
        if (tty && line is [.., (byte)'\r']) line = line[..^1];
        return Encoding.UTF8.GetString(line);
    }
}
