using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Store;

/// <summary>
/// Writes a large blob past the page cache where the file system allows: a layer's blob is hardly ever read again (its unpacked
/// files are), and filling pages with it costs more time than the disk does, unless the disk is a slow one. A large blob is written by a
/// thread of its own, so that the next piece is read and hashed meanwhile.
/// </summary>
internal sealed unsafe partial class BlobFile : IDisposable
{
    public const int BufferLength = 2 << 20;

    /// <summary>Whole blocks of any disk; what is written directly begins and ends at them, in memory too.</summary>
    private const int Block = 4096;

    private const long SmallestDirect = 4 << 20;

    /// <summary>A count that ends the writing thread.</summary>
    private const int NoMore = -1;

    /// <summary>Bytes a second that the disk must take of this file, and how many are written before it is judged.</summary>
    private const long SlowestDisk = 32 << 20, Trial = 64 << 20;

    private const int GetFlags = 3, SetFlags = 4, InvalidArgument = 22;

    private readonly SafeFileHandle _file;
    private readonly byte* _buffers;
    private readonly int _flags;
    private readonly Thread? _writer;
    private readonly object _turn = new();
    private ExceptionDispatchInfo? _failure;
    private bool _direct, _second;
    private long _length, _ticks;

    /// <summary>Bytes of the other buffer that are being written; null when none are.</summary>
    private int? _writing;

    /// <param name="path">Must not exist.</param>
    /// <param name="length">How long it will be.</param>
    /// <param name="readSoon">It is read again at once, so its pages are wanted.</param>
    public BlobFile(string path, long length, bool readSoon)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        bool large = length >= SmallestDirect;
        _buffers = (byte*)NativeMemory.AlignedAlloc((nuint)(large ? 2 * BufferLength : BufferLength), Block);
        if (large)
        {
            _writer = new Thread(WriteAll, 256 << 10) { IsBackground = true, Name = "Blob" };
            _writer.Start();
        }

        if (!OperatingSystem.IsLinux() || readSoon || !large) return;
        int file = (int)_file.DangerousGetHandle();
        _flags = Fcntl(file, GetFlags, 0);
        _direct = _flags >= 0 && Fcntl(file, SetFlags, _flags | DirectFlag) == 0;
    }

    /// <summary>Where the next bytes are put, before <see cref="Write(int)"/>.</summary>
    public Span<byte> Buffer => BufferAt(_second);

    private static int DirectFlag => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Appends what was put into the buffer; only the last time may that be less than all of it.</summary>
    /// <exception cref="IOException">Of this write or an earlier one.</exception>
    public void Write(int count)
    {
        if (_writer is null)
        {
            Write(Buffer[..count]);
            return;
        }

        Give(count);
        _second = !_second;
    }

    /// <summary>Waits until all is written.</summary>
    /// <exception cref="IOException">Of an earlier write.</exception>
    public void Complete()
    {
        if (_writer is null) return;
        lock (_turn)
        {
            while (_writing is not null) Monitor.Wait(_turn);
        }

        _failure?.Throw();
    }

    private Span<byte> BufferAt(bool second) => new(_buffers + (second ? BufferLength : 0), BufferLength);

    /// <summary>Hands over what is in the current buffer, once the other one has been written.</summary>
    private void Give(int count)
    {
        lock (_turn)
        {
            while (_writing is not null) Monitor.Wait(_turn);
            if (count != NoMore) _failure?.Throw();
            _writing = count;
            Monitor.PulseAll(_turn);
        }
    }

    private void WriteAll()
    {
        for (bool second = false; ; second = !second)
        {
            int count;
            lock (_turn)
            {
                while (_writing is null) Monitor.Wait(_turn);
                count = _writing.Value;
            }

            if (count == NoMore) return;
            try
            {
                Write(BufferAt(second)[..count]);
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            lock (_turn)
            {
                _writing = null;
                Monitor.PulseAll(_turn);
            }
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        int count = bytes.Length;
        if (_direct && (count % Block != 0 || IsSlow)) WriteBuffered();
        long begun = Stopwatch.GetTimestamp();
        try
        {
            RandomAccess.Write(_file, bytes, _length);
        }
        catch (IOException e) when (_direct && e.HResult == InvalidArgument)
        {
            // A file system that takes the flag and then wants larger blocks.
            WriteBuffered();
            RandomAccess.Write(_file, bytes, _length);
        }

        _length += count;
        _ticks += Stopwatch.GetTimestamp() - begun;
    }

    private bool IsSlow => _length >= Trial && _length < SlowestDisk * ((double)_ticks / Stopwatch.Frequency);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_writer is not null)
        {
            Give(NoMore);
            _writer.Join();
        }

        _file.Dispose();
        NativeMemory.AlignedFree(_buffers);
    }

    private void WriteBuffered()
    {
        _ = Fcntl((int)_file.DangerousGetHandle(), SetFlags, _flags);
        _direct = false;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int file, int command, nint argument);
}
