using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Has the content of files written past the page cache where file system and disk allow and memory is dear. Pages that nobody asked for
/// cost more processor time than everything else about a large file, and on a virtual machine that gives unused memory back to its host far
/// more, even of small ones. A slow disk would make the import wait for it, so once it has shown itself as one the page cache takes what
/// follows. Where much memory is free and pages of it come fast, they are the quicker way after all.
/// </summary>
internal sealed class DirectContent : IDisposable
{
    /// <summary>Pieces that tell how fast pages come; smaller ones tell more of the file than of them.</summary>
    public const int LeastNoted = 32 << 10;

    /// <summary>Below these the start of a disk's transfer costs more than pages do, if those come slowly and if they come fast.</summary>
    private const long SmallestFile = 64 << 10, LargeFile = 512 << 10;

    /// <summary>Free memory from which on pages may be quicker than a disk.</summary>
    private const long PlentyFree = 4L << 30;

    private readonly DirectWriter _writer = new(LargeFile);

    /// <summary>What pages must take, by the processor's time: others may use it at the same time, and waiting is not what they cost.</summary>
    private Pace _pages = new(800 << 20, 2 << 20);

    /// <summary>Whether the next file is to be written so.</summary>
    /// <param name="length">Bytes of it.</param>
    public bool Takes(long length) =>
        length >= SmallestFile && _writer.Suits(length) && (_pages.IsSlow || (length >= LargeFile && LibC.FreeMemory() < PlentyFree));

    /// <summary>Notes what the page cache took.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="begun">Of <see cref="LibC.ThreadTime"/>.</param>
    public void NotePaged(long length, long begun) => _pages.Add(length, LibC.ThreadTime() - begun);

    /// <inheritdoc cref="DirectWriter.Write"/>
    public void Write(int file, TarReader content, long length, FileFinish? finish, ReadOnlySpan<byte> path) =>
        _writer.Write(file, content, length, finish, path);

    /// <inheritdoc cref="DirectWriter.Drain"/>
    public void Drain() => _writer.Drain();

    public void Dispose() => _writer.Dispose();
}
