using System.Diagnostics;
using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Writes the content of large files past the page cache where file system and disk allow. Pages that nobody asked for cost more
/// processor time than everything else about such a file, and on a virtual machine that gives unused memory back to its host far more.
/// A slow disk would make the import wait for it, so once it has shown itself as one the page cache takes what follows. Where much memory is
/// free and pages of it come fast, they are the quicker way after all.
/// </summary>
internal sealed unsafe class DirectContent : IDisposable
{
    /// <summary>Below this the start of a disk's transfer costs more than pages do.</summary>
    public const long SmallestFile = 512 << 10;

    /// <summary>Pieces that tell how fast pages come; small ones tell more of the file than of them.</summary>
    public const int LeastNoted = 64 << 10;

    private const int BufferLength = 2 << 20;

    /// <summary>Whole blocks of any disk and file system; a direct write begins and ends at them, in memory too.</summary>
    private const int Block = 4096;

    /// <summary>Bytes a second that the disk must take of this process alone, and how many are written before it is judged.</summary>
    private const long SlowestDisk = 32 << 20, Trial = 64 << 20;

    /// <summary>Free memory from which on pages are tried, and bytes a second that they must take then.</summary>
    private const long PlentyFree = 4L << 30, SlowestPages = 256 << 20;

    private const int GetFlags = 3, SetFlags = 4;

    private readonly byte* _buffer = (byte*)NativeMemory.AlignedAlloc(BufferLength, Block);
    private long _written, _ticks, _paged, _pageTicks;
    private bool _refused;

    /// <summary>Whether the next large file is to be written so.</summary>
    public bool IsWorthwhile => !_refused && (_written < Trial || _written >= SlowestDisk * ((double)_ticks / Stopwatch.Frequency)) && !PagesAreFast;

    private bool PagesAreFast => (_paged < Trial || _paged >= SlowestPages * ((double)_pageTicks / Stopwatch.Frequency)) && LibC.FreeMemory() >= PlentyFree;

    /// <summary>Notes what the page cache took of a large file.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="begun">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
    public void NotePaged(long length, long begun)
    {
        _pageTicks += Stopwatch.GetTimestamp() - begun;
        _paged += length;
    }

    /// <summary>Writes the next bytes of an entry's content to an empty file; false when a call failed, whose error is the last one.</summary>
    public bool TryWrite(int file, TarReader content, long length)
    {
        int flags = LibC.fcntl(file, GetFlags, 0);
        bool direct = flags >= 0 && LibC.fcntl(file, SetFlags, flags | LibC.O_DIRECT) == 0;
        _refused |= !direct;
        while (length > 0)
        {
            int count = content.ReadContent(new Span<byte>(_buffer, (int)Math.Min(BufferLength, length)));
            for (int done = 0; done < count;)
            {
                int whole = (count - done) & ~(Block - 1);
                // The rest of the last block, and all after a write that ended within one.
                if (direct && (whole == 0 || done % Block != 0))
                {
                    if (LibC.fcntl(file, SetFlags, flags) < 0) return false;
                    direct = false;
                }
                nint written = direct ? WriteDirect(file, done, whole) : LibC.write(file, _buffer + done, (nuint)(count - done));
                if (written >= 0) done += (int)written;
                else if (Marshal.GetLastPInvokeError() == Errno.EINTR) continue;
                // A file system that takes the flag and then not the write.
                else if (!direct || Marshal.GetLastPInvokeError() != Errno.EINVAL) return false;
                else if (LibC.fcntl(file, SetFlags, flags) < 0) return false;
                else (direct, _refused) = (false, true);
            }
            length -= count;
        }
        return true;
    }

    public void Dispose() => NativeMemory.AlignedFree(_buffer);

    private nint WriteDirect(int file, int start, int count)
    {
        long begun = Stopwatch.GetTimestamp();
        nint written = LibC.write(file, _buffer + start, (nuint)count);
        if (written <= 0) return written;
        _ticks += Stopwatch.GetTimestamp() - begun;
        _written += written;
        return written;
    }
}
