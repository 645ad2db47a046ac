using System.Buffers.Text;

namespace DockerPS.Linux;

/// <summary>Facts of /proc that tell one process from another.</summary>
public static class ProcStat
{
    /// <summary>Clock ticks after boot at which a process began (proc(5), field 22 of stat); null when there is none, or it is a zombie.</summary>
    public static ulong? StartTime(int pid)
    {
        byte[]? stat = LibC.TryReadFile($"/proc/{pid}/stat", 4096);
        if (stat is null) return null;
        // The name in parentheses may hold anything, so count from the last one.
        int close = stat.AsSpan().LastIndexOf((byte)')');
        if (close < 0 || close + 2 >= stat.Length || stat[close + 2] is (byte)'Z' or (byte)'X') return null;
        ReadOnlySpan<byte> rest = stat.AsSpan(close + 2);
        for (int field = 3; field < 22; field++)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0) return null;
            rest = rest[(space + 1)..];
        }

        return Utf8Parser.TryParse(rest, out ulong value, out _) ? value : null;
    }

    /// <summary>Changes with every boot of the machine.</summary>
    public static string BootId() =>
        System.Text.Encoding.ASCII.GetString(LibC.TryReadFile("/proc/sys/kernel/random/boot_id") ?? []).Trim();
}
