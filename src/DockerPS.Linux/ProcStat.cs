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
        ReadOnlySpan<byte> state = Field(stat, 3);
        return state.IsEmpty || state[0] is (byte)'Z' or (byte)'X' ? null : Number(Field(stat, 22));
    }

    /// <summary>A descriptor of the process that began then; -1 when it is gone, also when its pid was given again.</summary>
    public static int OpenPidfd(int pid, ulong startTime)
    {
        int pidfd = LibC.OpenPidfd(pid);
        // Looked at after opening: the descriptor stands for the process whose start this is.
        if (pidfd >= 0 && StartTime(pid) != startTime) LibC.Close(ref pidfd);
        return pidfd;
    }

    /// <summary>Where this process's own command line is in its memory (fields 48 and 49), and its length.</summary>
    public static (nint Address, int Length) CommandLine()
    {
        byte[] stat = LibC.TryReadFile("/proc/self/stat", 4096) ?? [];
        return Number(Field(stat, 48)) is { } start && Number(Field(stat, 49)) is { } end && end > start
            ? ((nint)start, (int)(end - start))
            : (0, 0);
    }

    /// <summary>Where this process's arguments and environment were when it began (fields 48 to 51): address and length of each.</summary>
    public static (nint Arguments, int ArgumentsLength, nint Environment, int EnvironmentLength) Strings()
    {
        byte[] stat = LibC.TryReadFile("/proc/self/stat", 4096) ?? [];
        return Number(Field(stat, 48)) is { } start && Number(Field(stat, 49)) is { } end && Number(Field(stat, 50)) is { } environment
            && Number(Field(stat, 51)) is { } last && end > start && last >= environment && environment > 0
            ? ((nint)start, (int)(end - start), (nint)environment, (int)(last - environment))
            : (0, 0, 0, 0);
    }

    /// <summary>From a field (counted from 1, as in proc(5)) to the end. The name in parentheses may hold anything, so count from its end.</summary>
    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> stat, int number)
    {
        int close = stat.LastIndexOf((byte)')');
        if (close < 0 || close + 2 >= stat.Length) return default;
        ReadOnlySpan<byte> rest = stat[(close + 2)..];
        for (int field = 3; field < number; field++)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0) return default;
            rest = rest[(space + 1)..];
        }

        return rest;
    }

    private static ulong? Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out ulong value, out _) ? value : null;

    /// <summary>Changes with every boot of the machine.</summary>
    public static string BootId() =>
        System.Text.Encoding.ASCII.GetString(LibC.TryReadFile("/proc/sys/kernel/random/boot_id") ?? []).Trim();
}
