namespace DockerPS.Engine.Logs;

/// <summary>Reads lines of a log file from a position on; what is not ended by a newline yet stays for the next reading.</summary>
internal sealed class LogReader(string path, bool terminal) : IDisposable
{
    private const int Block = 64 * 1024;
    private readonly LogAssembler _assembler = new(terminal);
    private FileStream? _file;
    private byte[] _buffer = new byte[Block];
    private int _start;
    private int _end;

    /// <summary>
    /// Opens a log and reads the last lines that a condition accepts. A window from the end doubles until it holds enough, so that the
    /// cost does not depend on the log's length. The reader then stands at the end, for following.
    /// </summary>
    public static LogReader Tail(string path, bool terminal, int count, Func<LogLine, bool> accepts, out List<LogLine> lines)
    {
        for (long window = Math.Max(Block, 256L * count); ; window *= 4)
        {
            var reader = new LogReader(path, terminal);
            if (!reader.TryOpen())
            {
                lines = [];
                return reader;
            }

            long from = Math.Max(0, reader._file!.Length - window);
            // One byte before, so that of a position right behind a newline only that is skipped.
            if (from > 0) reader._file.Position = from - 1;
            lines = [.. reader.ReadAll(skipFirst: from > 0).Where(accepts)];
            // The first line of a window may lack its beginning, so one more than asked for is needed.
            if (from == 0 || lines.Count > count)
            {
                if (lines.Count > count) lines.RemoveRange(0, lines.Count - count);
                return reader;
            }

            reader.Dispose();
        }
    }

    /// <summary>Lines up to the present end of the file.</summary>
    /// <param name="skipFirst">The position may be within a line, which is then left out.</param>
    public IEnumerable<LogLine> ReadAll(bool skipFirst = false)
    {
        if (!TryOpen()) yield break;
        while (true)
        {
            while (Next(out int from, out int length))
            {
                if (skipFirst)
                {
                    skipFirst = false;
                    continue;
                }

                if (LogLine.TryParse(_buffer.AsSpan(from, length), out LogLine part) && _assembler.Add(part, out LogLine line)) yield return line;
            }

            if (!Fill()) yield break;
        }
    }

    /// <summary>Output without a newline at its end; for when no more will come.</summary>
    public IEnumerable<LogLine> Rest() => _assembler.Rest();

    public void Dispose() => _file?.Dispose();

    private bool TryOpen()
    {
        if (_file is not null) return true;
        try
        {
            _file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private bool Next(out int from, out int length)
    {
        from = _start;
        length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length < 0) return false;
        _start += length + 1;
        return true;
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        int read = _file!.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
