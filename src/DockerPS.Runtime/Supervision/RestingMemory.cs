using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// A supervisor rests for as long as its container runs, so it gives back what only the start needed: the heap's free space, and
/// the clean pages of its executable, which come again from the page cache when touched.
/// </summary>
internal static unsafe partial class RestingMemory
{
    private const int MADV_DONTNEED = 4;

    public static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        malloc_trim(0);
        byte[]? maps = LibC.TryReadFile("/proc/self/maps", 256 * 1024);
        if (maps is null) return;
        foreach (string line in Encoding.ASCII.GetString(maps).Split('\n'))
        {
            // Code is never written, so dropping it loses nothing. Data that relocation has touched would be lost: it stays.
            int space = line.IndexOf(' ');
            if (space < 0 || !line.AsSpan(space).StartsWith(" r-xp ") || !line.Contains('/', StringComparison.Ordinal)) continue;
            int dash = line.IndexOf('-');
            nint start = nint.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            nint end = nint.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _ = madvise((void*)start, (nuint)(end - start), MADV_DONTNEED);
        }
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* start, nuint length, int advice);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
