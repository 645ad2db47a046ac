using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Store;

/// <summary>
/// Writes a large blob past the page cache where the file system allows: a layer's blob is hardly ever read again (its unpacked
/// files are), and filling pages with it costs more time than the disk does, unless the disk is a slow one.
/// </summary>
internal sealed unsafe partial class BlobFile : IDisposable
{
    public const int BufferLength = 1 << 20;

    /// <summary>Whole blocks of any disk; what is written directly begins and ends at them, in memory too.</summary>
    private const int Block = 4096;

    private const long SmallestDirect = 4 << 20;

    /// <summary>Bytes a second that the disk must take of this file, and how many are written before it is judged.</summary>
    private const long SlowestDisk = 64 << 20, Trial = 32 << 20;

    private const int GetFlags = 3, SetFlags = 4, InvalidArgument = 22;

    private readonly SafeFileHandle _file;
    private readonly byte* _buffer;
    private readonly int _flags;
    private bool _direct;
    private long _length, _ticks;

    /// <param name="path">Must not exist.</param>
    /// <param name="length">How long it will be.</param>
    /// <param name="readSoon">It is read again at once, so its pages are wanted.</param>
    public BlobFile(string path, long length, bool readSoon)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        _buffer = (byte*)NativeMemory.AlignedAlloc(BufferLength, Block);
        if (!OperatingSystem.IsLinux() || readSoon || length < SmallestDirect) return;
        int file = (int)_file.DangerousGetHandle();
        _flags = Fcntl(file, GetFlags, 0);
        _direct = _flags >= 0 && Fcntl(file, SetFlags, _flags | DirectFlag) == 0;
    }

    /// <summary>Where the next bytes are put, before <see cref="Write"/>.</summary>
    public Span<byte> Buffer => new(_buffer, BufferLength);

    private static int DirectFlag => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Appends what was put into the buffer; only the last time may that be less than all of it.</summary>
    public void Write(int count)
    {
        if (_direct && (count % Block != 0 || IsSlow)) WriteBuffered();
        long begun = Stopwatch.GetTimestamp();
        try
        {
            RandomAccess.Write(_file, Buffer[..count], _length);
        }
        catch (IOException e) when (_direct && e.HResult == InvalidArgument)
        {
            // A file system that takes the flag and then wants larger blocks.
            WriteBuffered();
            RandomAccess.Write(_file, Buffer[..count], _length);
        }

        _length += count;
        _ticks += Stopwatch.GetTimestamp() - begun;
    }

    private bool IsSlow => _length >= Trial && _length < SlowestDisk * ((double)_ticks / Stopwatch.Frequency);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }

    private void WriteBuffered()
    {
        _ = Fcntl((int)_file.DangerousGetHandle(), SetFlags, _flags);
        _direct = false;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int file, int command, nint argument);
}
