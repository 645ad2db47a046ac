using System.Buffers.Text;
using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// A supervisor rests for as long as its container runs, so it gives back what only the start needed: the heap's free space, and
/// the clean pages of its executable, which come again from the page cache when touched. Of its data, those pages that were never written.
/// </summary>
internal static unsafe partial class RestingMemory
{
    private const int MADV_NORMAL = 0, MADV_DONTNEED = 4, MaxMappings = 64, TextLimit = 256 * 1024, PageLimit = 2048;

    /// <summary>Bits of /proc/PID/pagemap: the page is in memory, and it is the file's own, not a copy that was written.</summary>
    private const ulong Present = 1UL << 63, OfFile = 1UL << 61;

    public static void Release()
    {
        nint* starts = stackalloc nint[MaxMappings];
        nuint* lengths = stackalloc nuint[MaxMappings];
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        (nint Start, nuint Length) data = default;
        int count = FindCleanMappings(starts, lengths, ref data);
        malloc_trim(0);
        DropUnwritten(data.Start, data.Length);
        // All at the very end: whatever runs after it brings its own pages back.
        for (int i = 0; i < count; i++) _ = madvise((void*)starts[i], lengths[i], MADV_DONTNEED);
    }

    /// <summary>
    /// Drops the pages of the executable's data that were never written; a written one that is dropped would be lost. Nobody else runs now, and this
    /// thread goes through it all twice: what it writes itself, at the first call of something, is written before the pages are looked at.
    /// </summary>
    private static void DropUnwritten(nint start, nuint length)
    {
        int pages = (int)(length / (nuint)Environment.SystemPageSize);
        if (pages is 0 or > PageLimit) return;
        int file = LibC.open("/proc/self/pagemap", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (file < 0) return;
        ulong* entries = stackalloc ulong[PageLimit];
        if (Drop(file, entries, start, pages, MADV_NORMAL)) Drop(file, entries, start, pages, MADV_DONTNEED);
        LibC.Close(ref file);
    }

    private static bool Drop(int file, ulong* entries, nint start, int pages, int advice)
    {
        nint size = Environment.SystemPageSize;
        if (pread(file, entries, pages * sizeof(ulong), start / size * sizeof(ulong)) != pages * sizeof(ulong)) return false;
        for (int page = 0; page < pages; page++)
        {
            if ((entries[page] & (Present | OfFile)) == (Present | OfFile)) _ = madvise((void*)(start + (page * size)), (nuint)size, advice);
        }

        return true;
    }

    /// <summary>Mappings of files of which no page was written: dropping them loses nothing, where relocated data would be lost.
    /// The text stays out of the managed heap, which was just made small.</summary>
    private static int FindCleanMappings(nint* starts, nuint* lengths, ref (nint Start, nuint Length) data)
    {
        int file = LibC.open("/proc/self/smaps", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (file < 0) return 0;
        var text = (byte*)NativeMemory.Alloc(TextLimit);
        int length = 0;
        while (length < TextLimit)
        {
            int read = LibC.TryRead(file, new Span<byte>(text + length, TextLimit - length));
            if (read <= 0) break;
            length += read;
        }

        LibC.Close(ref file);
        int count = Parse(new ReadOnlySpan<byte>(text, length), starts, lengths, ref data);
        NativeMemory.Free(text);
        return count;
    }

    private static int Parse(ReadOnlySpan<byte> text, nint* starts, nuint* lengths, ref (nint Start, nuint Length) data)
    {
        int count = 0;
        long start = 0, end = 0;
        bool candidate = false;
        while (!text.IsEmpty && count < MaxMappings)
        {
            int feed = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = feed < 0 ? text : text[..feed];
            text = feed < 0 ? default : text[(feed + 1)..];
            int dash = line.IndexOf((byte)'-');
            int space = line.IndexOf((byte)' ');
            if (dash > 0 && dash < space && Utf8Parser.TryParse(line[..dash], out start, out int used, 'x') && used == dash)
            {
                bool ofFile = Utf8Parser.TryParse(line[(dash + 1)..space], out end, out _, 'x') && line.Contains((byte)'/');
                candidate = ofFile && line[space + 2] != (byte)'w';
                // The first that can be written is the executable's data.
                if (ofFile && !candidate && data.Length == 0) data = ((nint)start, (nuint)(end - start));
            }
            else if (candidate && line.StartsWith("Anonymous: "u8) && line.EndsWith(" 0 kB"u8))
            {
                starts[count] = (nint)start;
                lengths[count++] = (nuint)(end - start);
            }
        }

        return count;
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* start, nuint length, int advice);

    [LibraryImport("libc")]
    private static partial nint pread(int file, void* buffer, nint length, nint offset);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
