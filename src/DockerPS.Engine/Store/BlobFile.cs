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
internal sealed partial class BlobFile : IDisposable
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
    private readonly int _bufferLength;
    private readonly unsafe byte* _buffers;
    private readonly int _flags;
    private readonly Action<ReadOnlySpan<byte>>? _written;
    private readonly Thread? _writer;

    /// <summary>The thread has nothing to write, and has something.</summary>
    private readonly SemaphoreSlim _idle = new(1), _given = new(0);

    private readonly long _start;
    private ExceptionDispatchInfo? _failure;
    private bool _mayBeDirect, _direct, _second;
    private long _position, _taken, _ticks;
    private int _count;

    /// <param name="path">Must not exist.</param>
    /// <param name="length">How long it will be.</param>
    /// <param name="readSoon">It is read again at once, so its pages are wanted.</param>
    public BlobFile(string path, long length, bool readSoon)
        : this(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read), 0, length, readSoon ? null : SmallestDirect, BufferLength, null)
    {
    }

    /// <summary>Goes on with a file that may have its first bytes.</summary>
    /// <param name="file">Closed with this.</param>
    /// <param name="start">How many it has.</param>
    /// <param name="length">How long it will be.</param>
    /// <param name="bufferLength">Bytes of a piece, of which there are two.</param>
    /// <param name="written">Called by the writing thread with the bytes of each piece that is in the file.</param>
    public BlobFile(SafeFileHandle file, long start, long length, int bufferLength, Action<ReadOnlySpan<byte>> written)
        : this(file, start, length, SmallestDirect, bufferLength, written)
    {
    }

    private unsafe BlobFile(SafeFileHandle file, long start, long length, long? smallestDirect, int bufferLength, Action<ReadOnlySpan<byte>>? written)
    {
        (_file, _start, _position, _taken, _written, _bufferLength) = (file, start, start, start, written, bufferLength);
        IsLarge = length >= SmallestDirect;
        bool threaded = IsLarge || written is not null;
        _buffers = (byte*)NativeMemory.AlignedAlloc((nuint)(threaded ? 2 * bufferLength : bufferLength), Block);
        if (threaded)
        {
            _writer = new Thread(WriteAll, 256 << 10) { IsBackground = true, Name = "Blob" };
            _writer.Start();
        }

        if (!OperatingSystem.IsLinux() || !(length >= smallestDirect)) return;
        _flags = Fcntl((int)_file.DangerousGetHandle(), GetFlags, 0);
        _mayBeDirect = _flags >= 0;
    }

    /// <summary>It is to be given in whole buffers, which are written directly; any other may come in pieces of any length.</summary>
    public bool IsLarge { get; }

    /// <summary>Where the next bytes are put, before they are written.</summary>
    public Span<byte> Buffer
    {
        get
        {
            // At first the rest of a block that was begun, so that all after it are whole.
            int begun = IsLarge ? (int)(_taken % Block) : 0;
            return BufferAt(_second)[..(begun == 0 ? _bufferLength : Block - begun)];
        }
    }

    private static int DirectFlag => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    private bool IsSlow => _position - _start >= Trial && _position - _start < SlowestDisk * ((double)_ticks / Stopwatch.Frequency);

    /// <summary>Appends what was put into the buffer; only the last time may that be less than all of it.</summary>
    /// <exception cref="IOException">Of this write or an earlier one.</exception>
    public void Write(int count)
    {
        if (_writer is null)
        {
            Write(Buffer[..count]);
            return;
        }

        _idle.Wait();
        Give(count);
    }

    /// <summary>As <see cref="Write(int)"/>; waits without a thread until the piece before has been written.</summary>
    /// <exception cref="IOException">Of an earlier write.</exception>
    public async ValueTask WriteAsync(int count, CancellationToken cancellationToken)
    {
        await _idle.WaitAsync(cancellationToken).ConfigureAwait(false);
        Give(count);
    }

    /// <summary>Waits until all is written.</summary>
    /// <exception cref="IOException">Of an earlier write.</exception>
    public void Complete()
    {
        if (_writer is null) return;
        _idle.Wait();
        _idle.Release();
        _failure?.Throw();
    }

    /// <inheritdoc cref="Complete"/>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _idle.WaitAsync(cancellationToken).ConfigureAwait(false);
        _idle.Release();
        _failure?.Throw();
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        if (_writer is not null)
        {
            _idle.Wait();
            _count = NoMore;
            _given.Release();
            _writer.Join();
        }

        _file.Dispose();
        _idle.Dispose();
        _given.Dispose();
        NativeMemory.AlignedFree(_buffers);
    }

    private unsafe Span<byte> BufferAt(bool second) => new(_buffers + (second ? _bufferLength : 0), _bufferLength);

    /// <summary>Hands over what is in the current buffer to the thread, which is idle.</summary>
    private void Give(int count)
    {
        if (_failure is not null)
        {
            _idle.Release();
            _failure.Throw();
        }

        _count = count;
        _taken += count;
        _second = !_second;
        _given.Release();
    }

    private void WriteAll()
    {
        for (bool second = false; ; second = !second)
        {
            _given.Wait();
            if (_count == NoMore) return;
            try
            {
                ReadOnlySpan<byte> bytes = BufferAt(second)[.._count];
                Write(bytes);
                _written?.Invoke(bytes);
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            _idle.Release();
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (IsSlow) _mayBeDirect = false;
        SetDirect(_mayBeDirect && _position % Block == 0 && bytes.Length % Block == 0);
        long begun = Stopwatch.GetTimestamp();
        try
        {
            RandomAccess.Write(_file, bytes, _position);
        }
        catch (IOException e) when (_direct && e.HResult == InvalidArgument)
        {
            // A file system that takes the flag and then wants larger blocks.
            _mayBeDirect = false;
            SetDirect(false);
            RandomAccess.Write(_file, bytes, _position);
        }

        _position += bytes.Length;
        _ticks += Stopwatch.GetTimestamp() - begun;
    }

    private void SetDirect(bool direct)
    {
        if (direct == _direct) return;
        if (Fcntl((int)_file.DangerousGetHandle(), SetFlags, direct ? _flags | DirectFlag : _flags) == 0) _direct = direct;
        else _mayBeDirect = false;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int file, int command, nint argument);
}
