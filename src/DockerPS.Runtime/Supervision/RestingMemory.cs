using System.Buffers.Text;
using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// A supervisor rests for as long as its container runs, so it gives back what only the start needed: the heap's free space, and
/// the clean pages of its executable, which come again from the page cache when touched.
/// </summary>
internal static unsafe partial class RestingMemory
{
    private const int MADV_DONTNEED = 4, MaxMappings = 64, TextLimit = 256 * 1024;

    public static void Release()
    {
        nint* starts = stackalloc nint[MaxMappings];
        nuint* lengths = stackalloc nuint[MaxMappings];
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        int count = FindCleanMappings(starts, lengths);
        malloc_trim(0);
        // All at the very end: whatever runs after it brings its own pages back.
        for (int i = 0; i < count; i++) _ = madvise((void*)starts[i], lengths[i], MADV_DONTNEED);
    }

    /// <summary>Mappings of files of which no page was written: dropping them loses nothing, where relocated data would be lost.
    /// The text stays out of the managed heap, which was just made small.</summary>
    private static int FindCleanMappings(nint* starts, nuint* lengths)
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
        int count = Parse(new ReadOnlySpan<byte>(text, length), starts, lengths);
        NativeMemory.Free(text);
        return count;
    }

    private static int Parse(ReadOnlySpan<byte> text, nint* starts, nuint* lengths)
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
                candidate = Utf8Parser.TryParse(line[(dash + 1)..space], out end, out _, 'x')
                    && line.Contains((byte)'/') && line[space + 2] != (byte)'w';
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
    private static partial int malloc_trim(nuint pad);
}
