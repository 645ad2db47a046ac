using System.Diagnostics;
using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>A thread that writes files past the page cache and finishes them, piece after piece, while the next ones are read.</summary>
/// <param name="largeFile">Bytes from which on a file tells how fast the disk is; a smaller one tells how long it takes to answer.</param>
internal sealed unsafe class DirectWriter(long largeFile) : IDisposable
{
    private const int PieceCount = 4, PieceLength = 1 << 20;

    /// <summary>Whole blocks of any disk and file system; a direct write begins and ends at them, in memory too.</summary>
    private const int Block = 4096;

    private const int GetFlags = 3, SetFlags = 4;

    private readonly object _ring = new();
    private readonly Piece[] _pieces = [new(), new(), new(), new()];
    private readonly byte* _buffers = (byte*)NativeMemory.AlignedAlloc(PieceCount * PieceLength, Block);
    private Thread? _thread;
    private long _given, _done;
    private bool _ended;
    private LinuxException? _failure;

    /// <summary>What the disk must take of this process alone.</summary>
    private Pace _large = new(32 << 20, 16 << 20), _small = new(8 << 20, 2 << 20);

    /// <summary>The file system does not do it, or wants larger blocks.</summary>
    private volatile bool _refused;

    /// <summary>Whether a file of this length may be written so: file system and disk are fit for it as far as is known.</summary>
    public bool Suits(long length) => !_refused && !(length >= largeFile ? _large : _small).IsSlow;

    /// <summary>Takes over an empty file, and reads the content that is to be in it. That is written and the file finished and closed later.</summary>
    /// <param name="file">Its descriptor.</param>
    /// <param name="content">Where the content is next.</param>
    /// <param name="length">Bytes of content.</param>
    /// <param name="finish">What the file gets; null leaves it open, for a caller who waits by <see cref="Drain"/> and finishes it.</param>
    /// <param name="path">For errors.</param>
    /// <exception cref="LinuxException">Of an earlier file.</exception>
    public void Write(int file, TarReader content, long length, FileFinish? finish, ReadOnlySpan<byte> path)
    {
        bool whole = false;
        try
        {
            bool large = length >= largeFile;
            while (!whole)
            {
                Piece piece = Await();
                piece.Length = content.ReadContent(Buffer(_given)[..(int)Math.Min(PieceLength, length)]);
                length -= piece.Length;
                whole = length == 0;
                (piece.File, piece.IsLarge, piece.IsLast, piece.Finish) = (file, large, whole, finish);
                piece.Path.Set(path);
                Give();
            }
        }
        finally
        {
            if (!whole && finish is not null)
            {
                Settle();
                _ = LibC.close(file);
            }
        }
    }

    /// <summary>Waits until all files are as they should be.</summary>
    /// <exception cref="LinuxException">One could not be written.</exception>
    public void Drain()
    {
        Settle();
        if (_failure is not null) throw _failure;
    }

    public void Dispose()
    {
        lock (_ring)
        {
            _ended = true;
            Monitor.PulseAll(_ring);
        }
        _thread?.Join();
        NativeMemory.AlignedFree(_buffers);
    }

    private Span<byte> Buffer(long piece) => new(_buffers + (piece % PieceCount * PieceLength), PieceLength);

    /// <summary>Waits for a piece that can be filled.</summary>
    private Piece Await()
    {
        if (_thread is null)
        {
            _thread = new Thread(WriteAll, 256 << 10) { IsBackground = true };
            _thread.Start();
        }
        lock (_ring)
        {
            while (_given - _done == PieceCount) Monitor.Wait(_ring);
        }
        return _failure is null ? _pieces[_given % PieceCount] : throw _failure;
    }

    private void Give()
    {
        lock (_ring)
        {
            _given++;
            Monitor.PulseAll(_ring);
        }
    }

    private void Settle()
    {
        lock (_ring)
        {
            while (_done < _given) Monitor.Wait(_ring);
        }
    }

    private void WriteAll()
    {
        while (true)
        {
            lock (_ring)
            {
                while (_done == _given && !_ended) Monitor.Wait(_ring);
                if (_done == _given) return;
            }
            Piece piece = _pieces[_done % PieceCount];
            string? failed = _failure is null ? WritePiece(piece, Buffer(_done)) : null;
            if (failed is not null) _failure = new LinuxException($"{failed}({TarEntry.Show(piece.Path.Span)})", Marshal.GetLastPInvokeError());
            if (piece is { IsLast: true, Finish: not null }) _ = LibC.close(piece.File);
            lock (_ring)
            {
                _done++;
                Monitor.PulseAll(_ring);
            }
        }
    }

    /// <summary>Writes a piece, and finishes its file after the last one.</summary>
    /// <returns>The call that failed, whose error is the last one, or null.</returns>
    private string? WritePiece(Piece piece, ReadOnlySpan<byte> buffer)
    {
        // The rest of the last block goes through a page: it has no other way.
        int whole = piece.Length & ~(Block - 1);
        fixed (byte* start = buffer)
        {
            int done = 0;
            if (whole > 0 && SetDirect(piece.File, true))
            {
                done = WriteDirect(piece, start, whole);
                if (done < 0) return "write";
            }
            if (done < piece.Length)
            {
                if (!SetDirect(piece.File, false)) return "fcntl";
                if (!WriteRest(piece.File, start + done, piece.Length - done)) return "write";
            }
        }
        return piece.IsLast && piece.Finish is { } finish ? finish.SetOwner(piece.File) ?? finish.SetTimes(piece.File) : null;
    }

    /// <summary>Writes whole blocks; fewer bytes when the file system takes no more of them in this way, and -1 when it failed.</summary>
    private int WriteDirect(Piece piece, byte* start, int length)
    {
        int done = 0;
        while (done < length && done % Block == 0)
        {
            long begun = Stopwatch.GetTimestamp();
            nint written = LibC.write(piece.File, start + done, (nuint)(length - done));
            if (written >= 0)
            {
                (piece.IsLarge ? ref _large : ref _small).Add(written, (long)Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
                done += (int)written;
                continue;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR: continue;
                case Errno.EINVAL:
                    // It took the flag and then not the write.
                    _refused = true;
                    return done;
                default: return -1;
            }
        }
        return done;
    }

    private static bool WriteRest(int file, byte* start, int length)
    {
        for (int done = 0; done < length;)
        {
            nint written = LibC.write(file, start + done, (nuint)(length - done));
            if (written >= 0) done += (int)written;
            else if (Marshal.GetLastPInvokeError() != Errno.EINTR) return false;
        }
        return true;
    }

    private bool SetDirect(int file, bool direct)
    {
        int flags = LibC.fcntl(file, GetFlags, 0);
        if (flags < 0) return false;
        if (((flags & LibC.O_DIRECT) != 0) == direct) return true;
        if (LibC.fcntl(file, SetFlags, direct ? flags | LibC.O_DIRECT : flags & ~LibC.O_DIRECT) == 0) return true;
        _refused |= direct;
        return false;
    }

    /// <summary>A part of a file's content.</summary>
    private sealed class Piece
    {
        public NativePath Path { get; } = new();

        public int File { get; set; }

        public int Length { get; set; }

        public bool IsLarge { get; set; }

        public bool IsLast { get; set; }

        public FileFinish? Finish { get; set; }
    }
}
