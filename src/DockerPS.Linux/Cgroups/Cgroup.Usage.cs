namespace DockerPS.Linux.Cgroups;

/// <summary>What a group uses and may use. Null: this host does not count it. Limits: -1 is none.</summary>
public sealed record CgroupUsage
{
    /// <summary>Bytes in use, page cache included.</summary>
    public long? Memory { get; init; }
    public long? MemoryLimit { get; init; }

    /// <summary>The most bytes it ever used; not counted by version 2 before 5.19.</summary>
    public long? MemoryPeak { get; init; }

    /// <summary>Page cache that would be given back first; Docker subtracts it from what it shows as memory in use.</summary>
    public long? InactiveFile { get; init; }

    /// <summary>Memory and swap together; -1 none.</summary>
    public long? MemoryAndSwapLimit { get; init; }

    /// <summary>Processor time in nanoseconds.</summary>
    public long? CpuTime { get; init; }

    /// <summary>Processes and threads.</summary>
    public long? Pids { get; init; }
    public long? PidsLimit { get; init; }
}

public sealed partial class Cgroup
{
    /// <summary>How often the kernel killed a process of the group for want of memory; 0 when it does not say.</summary>
    public long OomKills() => DirectoryOf("memory") is { } directory
        ? CgroupFile.TryReadKey(directory + (IsVersion1("memory") ? "/memory.oom_control" : "/memory.events"), "oom_kill") ?? 0
        : 0;

    /// <summary>Reads the counters: about ten small files.</summary>
    public CgroupUsage Usage()
    {
        CgroupUsage usage = new();
        if (DirectoryOf("memory") is { } memory)
            usage = IsVersion1("memory") ? WithMemory1(usage, memory) : WithMemory2(usage, memory);
        if (DirectoryOf("pids") is { } pids)
        {
            usage = usage with
            {
                Pids = CgroupFile.TryReadNumber(pids + "/pids.current"), PidsLimit = CgroupFile.TryReadNumber(pids + "/pids.max"),
            };
        }
        if (DirectoryOf("cpuacct") is { } accounting)
            return usage with { CpuTime = CgroupFile.TryReadNumber(accounting + "/cpuacct.usage") };
        return Version2Directory is { } unified && CgroupFile.TryReadKey(unified + "/cpu.stat", "usage_usec") is { } microseconds
            ? usage with { CpuTime = microseconds * 1000 } : usage;
    }

    private static CgroupUsage WithMemory1(CgroupUsage usage, string directory) => usage with
    {
        Memory = CgroupFile.TryReadNumber(directory + "/memory.usage_in_bytes"),
        MemoryLimit = CgroupFile.TryReadNumber(directory + "/memory.limit_in_bytes"),
        MemoryPeak = CgroupFile.TryReadNumber(directory + "/memory.max_usage_in_bytes"),
        InactiveFile = CgroupFile.TryReadKey(directory + "/memory.stat", "total_inactive_file"),
        MemoryAndSwapLimit = CgroupFile.TryReadNumber(directory + "/memory.memsw.limit_in_bytes"),
    };

    private static CgroupUsage WithMemory2(CgroupUsage usage, string directory)
    {
        long? limit = CgroupFile.TryReadNumber(directory + "/memory.max");
        long? swap = CgroupFile.TryReadNumber(directory + "/memory.swap.max");
        return usage with
        {
            Memory = CgroupFile.TryReadNumber(directory + "/memory.current"),
            MemoryLimit = limit,
            MemoryPeak = CgroupFile.TryReadNumber(directory + "/memory.peak"),
            InactiveFile = CgroupFile.TryReadKey(directory + "/memory.stat", "inactive_file"),
            MemoryAndSwapLimit = limit < 0 || swap < 0 ? -1 : limit + swap,
        };
    }

    private bool IsVersion1(string controller) => _layout.VersionOf(controller) == 1;
}
