using System.Globalization;

namespace DockerPS.Engine.Containers;

/// <summary>Refuses what makes no sense before anything is made of it; each refusal has its own ErrorId and says what would be right.</summary>
internal static partial class SpecChecks
{
    private const long SmallestMemory = 6L << 20;

    /// <exception cref="DockerArgumentException">By option.</exception>
    public static void Check(ContainerSpec spec)
    {
        if (spec.Name is { } name) ContainerNames.CheckName(name);
        CheckProcess(spec);
        CheckMemory(spec);
        CheckCpu(spec);
        CheckOtherResources(spec);
        CheckRuntime(spec);
        CheckMounts(spec);
        CheckModes(spec);
        CheckUserNamespace(spec);
        CheckSecurity(spec);
    }

    /// <summary>A command to run in a container.</summary>
    /// <exception cref="DockerArgumentException">NoCommand, or by option.</exception>
    public static void Check(ContainerCommand command)
    {
        if (command.Arguments.Count == 0 || command.Arguments[0].Length == 0)
            throw new DockerArgumentException("NoCommand", "No command was given. Say what to run, for example sh -c 'ps'.");
        CheckProcess(command.Environment, command.Arguments, command.WorkingDirectory, command.User);
    }

    private static void CheckProcess(
        IReadOnlyList<string> environment, IEnumerable<string> arguments, string? workingDirectory, string? user)
    {
        foreach (string entry in environment)
        {
            if (entry.Length == 0 || entry[0] == '=' || entry.Contains('\0', StringComparison.Ordinal))
                throw Wrong("InvalidEnvironment", entry, "is no environment variable", "Write NAME=value.");
        }

        foreach (string argument in arguments)
        {
            if (argument.Contains('\0', StringComparison.Ordinal))
                throw Wrong("InvalidCommand", argument, "contains a zero byte", "Arguments of programs cannot contain it.");
        }

        if (workingDirectory is { Length: > 0 } && (workingDirectory[0] != '/' || workingDirectory.Contains('\0', StringComparison.Ordinal)))
            throw Wrong("InvalidWorkingDirectory", workingDirectory, "is no absolute path", "Begin the working directory with /.");
        if (user is { Length: > 0 } && (user.AsSpan().ContainsAny(" \0\n") || user.Count(c => c == ':') > 1 || user[0] == ':' || user[^1] == ':'))
        {
            throw Wrong(
                "InvalidUser", user, "names no user", "Write a user name or number, and a group after a colon when needed: app, 1000 or 1000:1000.");
        }
    }

    private static void CheckProcess(ContainerSpec spec)
    {
        CheckProcess(spec.Environment, [.. spec.Entrypoint ?? [], .. spec.Command ?? []], spec.WorkingDirectory, spec.User);
        foreach (string group in spec.GroupAdd)
        {
            if (group.Length == 0 || group.AsSpan().ContainsAny(" :\0"))
                throw Wrong("InvalidUser", group, "names no group", "Write a group's name or number.");
        }

        if (spec.Hostname is { } host && !HostName(host))
            throw Wrong("InvalidHostname", host, "is no host name", "Use at most 64 letters, digits, '-' and '.', not beginning or ending with '-' or '.'.");
        if (spec.DomainName is { } domain && !HostName(domain))
            throw Wrong("InvalidHostname", domain, "is no domain name", "Use at most 64 letters, digits, '-' and '.', not beginning or ending with '-' or '.'.");
        if (spec.StopSignal is { } signal) Signals.Parse(signal);
        if (spec.StopTimeout is { } timeout && timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw Wrong("InvalidStopTimeout", timeout.ToString(), "is no grace period", "Use zero or more seconds.");
    }

    private static void CheckMemory(ContainerSpec spec)
    {
        if (spec.Memory is { } memory && memory.Bytes != 0 && memory.Bytes < SmallestMemory)
            throw Wrong("InvalidMemory", Text(memory), "is too little memory", "The least is 6m.");
        if (spec.MemorySwap is { Bytes: not 0 and not -1 } swap)
        {
            if (spec.Memory is not { Bytes: > 0 } limit)
                throw Wrong("InvalidMemorySwap", Text(swap), "limits memory and swap together, and memory has no limit", "Set a memory limit too.");
            if (swap.Bytes < limit.Bytes)
                throw Wrong("InvalidMemorySwap", Text(swap), "is less than the memory limit", "It counts memory and swap together: use at least " + Text(limit) + ", or -1.");
        }

        if (spec.MemoryReservation is { } reservation
            && (reservation.Bytes < SmallestMemory || (spec.Memory is { Bytes: > 0 } most && reservation.Bytes > most.Bytes)))
            throw Wrong("InvalidMemoryReservation", Text(reservation), "is no memory reservation", "Use at least 6m and at most the memory limit.");
        if (spec.ShmSize is { Bytes: <= 0 } shm)
            throw Wrong("InvalidShmSize", Text(shm), "is no size of /dev/shm", "Use a number of bytes above zero, such as 64m.");

        static string Text(ByteSize size) => size.Bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static void CheckCpu(ContainerSpec spec)
    {
        if (spec.Cpus is { } cpus && (cpus < 0.01m || cpus > Environment.ProcessorCount))
        {
            throw Wrong(
                "InvalidCpus", cpus.ToString(CultureInfo.InvariantCulture), "is no number of CPUs that this machine can give",
                string.Create(CultureInfo.InvariantCulture, $"Use 0.01 to {Environment.ProcessorCount}."));
        }

        if (spec.CpuShares is { } shares and not 0 && shares is < 2 or > 262_144)
            throw Wrong("InvalidCpuShares", Number(spec.CpuShares), "is no CPU weight", "Use 2 to 262144; the default is 1024.");
        foreach (string? list in (ReadOnlySpan<string?>)[spec.CpusetCpus, spec.CpusetMems])
        {
            if (list is not null && !IsCpuList(list))
                throw Wrong("InvalidCpuset", list, "is no list of CPUs or memory nodes", "Write numbers and ranges, such as 0-2,4.");
        }
    }

    private static void CheckRuntime(ContainerSpec spec)
    {
        if (OciRuntimes.Find(spec.Runtime) is null) return;
        if (spec.Init) throw Wrong("InvalidRuntime", spec.Runtime!, "has no reaper to run as PID 1", "Leave -Init out, or -Runtime.");
        if (spec.UserNamespace is { Mode: not ContainerUserNamespaceMode.Host })
            throw Wrong("InvalidRuntime", spec.Runtime!, "cannot reach the store with the users of a container's own", "Leave -UserNamespace out, or -Runtime.");
    }

    private static void CheckOtherResources(ContainerSpec spec)
    {
        if (spec.PidsLimit is < -1)
            throw Wrong("InvalidPidsLimit", Number(spec.PidsLimit), "is no number of processes", "Use 1 or more, or -1 for no limit.");
        if (spec.OomScoreAdjust is < -1000 or > 1000)
            throw Wrong("InvalidOomScore", Number(spec.OomScoreAdjust), "is no OOM score adjustment", "Use -1000 to 1000.");
        if (spec.BlkioWeight is not null and not 0 and (< 10 or > 1000))
            throw Wrong("InvalidBlkioWeight", Number(spec.BlkioWeight), "is no block I/O weight", "Use 10 to 1000.");
        CgroupParent.Of(spec.CgroupParent);
        foreach (string rule in spec.DeviceCgroupRules) DeviceCgroupRule.Parse(rule);
        foreach (ContainerUlimit limit in spec.Ulimits)
        {
            if (!Ulimits.IsName(limit.Name))
                throw Wrong("InvalidUlimit", limit.Name, "is no resource limit", "Use one of " + string.Join(", ", Ulimits.Names) + ".");
            if (limit.Soft < -1 || limit.Hard < -1 || (limit.Hard != -1 && (limit.Soft == -1 || limit.Soft > limit.Hard)))
            {
                throw Wrong(
                    "InvalidUlimit", string.Create(CultureInfo.InvariantCulture, $"{limit.Name}={limit.Soft}:{limit.Hard}"),
                    "has a soft limit above the hard one", "Write NAME=SOFT:HARD with SOFT at most HARD; -1 is unlimited.");
            }
        }
    }

    private static bool HostName(string name) =>
        name.Length is > 0 and <= 64
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        && name[0] is not ('-' or '.') && name[^1] is not ('-' or '.');

    private static bool IsCpuList(string list) => list.Split(',').All(part =>
    {
        string[] ends = part.Split('-');
        return ends.Length <= 2 && ends.All(e => ushort.TryParse(e, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            && (ends.Length == 1 || ushort.Parse(ends[0], CultureInfo.InvariantCulture) <= ushort.Parse(ends[1], CultureInfo.InvariantCulture));
    });

    private static string Number(long? number) => (number ?? 0).ToString(CultureInfo.InvariantCulture);

    private static DockerArgumentException Wrong(string errorId, string value, string what, string next) =>
        new(errorId, $"'{value}' {what}. {next}", value);
}
