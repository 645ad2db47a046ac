using System.Globalization;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>update [--resources FILE|-] [single limits] ID</c>: changes what a container may use, while it runs. What is not named stays.</summary>
internal static class Update
{
    private static readonly string[] s_table =
    [
        "resources|r=", "blkio-weight=", "cpu-period=", "cpu-quota=", "cpu-burst=", "cpu-share=", "cpu-rt-period=", "cpu-rt-runtime=",
        "cpuset-cpus=", "cpuset-mems=", "cpu-idle=", "kernel-memory=", "kernel-memory-tcp=", "memory|m=", "memory-reservation=", "memory-swap=",
        "pids-limit=", "l3-cache-schema=", "mem-bw-schema=",
    ];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("update", "ID", s_table);
        string id = arguments.Single("update");
        RuntimeResources resources = arguments.Value("resources") is { } file ? FromFile(file) : new RuntimeResources();
        AddOptions(resources, arguments);
        using LockedContainer container = LockedContainer.Open(options, id);
        if (container.Status is not ("running" or "created" or "paused"))
            throw new CommandException($"container not running: '{id}' is {container.Status}, and its cgroup has ended with it.");
        ContainerCgroup.Open(container.Record.Cgroups, container.Record.CgroupUnit).Update(resources);
        return 0;
    }

    private static RuntimeResources FromFile(string path)
    {
        const int Limit = 16 << 20;
        byte[] json = path == "-"
            ? LibC.ReadToEnd(0, Limit)
            : LibC.TryReadFile(path, Limit) ?? throw new CommandException($"--resources: '{path}' cannot be read: no such file or directory.");
        try
        {
            return RuntimeResourcesReader.Read(json);
        }
        catch (JsonException e)
        {
            throw new CommandException($"--resources: '{path}' is malformed: {e.Message}");
        }
    }

    /// <summary>Single options over what the file says.</summary>
    private static void AddOptions(RuntimeResources resources, VerbArguments arguments)
    {
        foreach (string name in (ReadOnlySpan<string>)["l3-cache-schema", "mem-bw-schema"])
        {
            if (arguments.Value(name) is not null)
                throw new CommandException($"--{name}: this runtime does not manage Intel RDT (linux.intelRdt).");
        }

        if (Unsigned(arguments, "blkio-weight") is { } weight)
        {
            (resources.BlockIo ??= new RuntimeBlockIo()).Weight =
                weight <= ushort.MaxValue ? (ushort)weight : throw new CommandException($"--blkio-weight: {weight} is not between 10 and 1000.");
        }

        if (Number(arguments, "pids-limit") is { } pids) (resources.Pids ??= new RuntimePids()).Limit = pids;
        AddCpu(resources.Cpu ?? new RuntimeCpu(), resources, arguments);
        AddMemory(resources.Memory ?? new RuntimeMemory(), resources, arguments);
    }

    private static void AddCpu(RuntimeCpu cpu, RuntimeResources resources, VerbArguments arguments)
    {
        cpu.Period = Unsigned(arguments, "cpu-period") ?? cpu.Period;
        cpu.Quota = Number(arguments, "cpu-quota") ?? cpu.Quota;
        cpu.Burst = Unsigned(arguments, "cpu-burst") ?? cpu.Burst;
        cpu.Shares = Unsigned(arguments, "cpu-share") ?? cpu.Shares;
        cpu.RealtimePeriod = Unsigned(arguments, "cpu-rt-period") ?? cpu.RealtimePeriod;
        cpu.RealtimeRuntime = Number(arguments, "cpu-rt-runtime") ?? cpu.RealtimeRuntime;
        cpu.Cpus = arguments.Value("cpuset-cpus") ?? cpu.Cpus;
        cpu.Mems = arguments.Value("cpuset-mems") ?? cpu.Mems;
        cpu.Idle = Number(arguments, "cpu-idle") ?? cpu.Idle;
        resources.Cpu = cpu;
    }

    private static void AddMemory(RuntimeMemory memory, RuntimeResources resources, VerbArguments arguments)
    {
        memory.Limit = Bytes(arguments, "memory") ?? memory.Limit;
        memory.Reservation = Bytes(arguments, "memory-reservation") ?? memory.Reservation;
        memory.Swap = Bytes(arguments, "memory-swap") ?? memory.Swap;
        memory.Kernel = Bytes(arguments, "kernel-memory") ?? memory.Kernel;
        memory.KernelTcp = Bytes(arguments, "kernel-memory-tcp") ?? memory.KernelTcp;
        resources.Memory = memory;
    }

    private static long? Number(VerbArguments arguments, string name)
    {
        if (arguments.Value(name) is not { Length: > 0 } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new CommandException($"--{name}: '{text}' is no whole number.");
    }

    private static ulong? Unsigned(VerbArguments arguments, string name) => Number(arguments, name) switch
    {
        null => null,
        < 0 => throw new CommandException($"--{name}: must not be negative."),
        var number => (ulong)number.Value,
    };

    /// <summary>Bytes, or a number with one of the units b, k, m, g, t and p (powers of 1024); -1 for no limit.</summary>
    private static long? Bytes(VerbArguments arguments, string name)
    {
        if (arguments.Value(name) is not { Length: > 0 } text) return null;
        return ByteCount.TryParse(text, out long bytes)
            ? bytes
            : throw new CommandException($"--{name}: '{text}' is no size. Give bytes, or a number with a unit as in 512M; -1 is no limit.");
    }
}
