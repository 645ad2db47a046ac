namespace DockerPS.Oci.RuntimeSpec;

public sealed partial class RuntimeConfigValidator
{
    private static void CheckProcess(RuntimeProcess process, string at, Action<string> warn)
    {
        if (process.Args is null or []) throw Wrong(at + ".args", "is missing or empty: say the program and its arguments");
        if (!process.Cwd.StartsWith('/'))
        {
            throw Wrong(at + ".cwd", process.Cwd.Length == 0
                ? "is missing: say the working directory, as \"/\""
                : $"{Quote(process.Cwd)} must be absolute: begin with a slash");
        }

        CheckEnvironment(process.Env, at + ".env");
        if (process.Terminal && process.ConsoleSize is { } size && (size.Height > ushort.MaxValue || size.Width > ushort.MaxValue))
            throw Wrong(at + ".consoleSize", "is larger than a terminal can be (65535 characters either way)");
        if (process.User.Umask > 0x1FF) throw Wrong(at + ".user.umask", "must be at most 511 (0777 in octal)");
        if (process.OomScoreAdj is < -1000 or > 1000) throw Wrong(at + ".oomScoreAdj", "must be -1000 to 1000");
        CheckCapabilities(process.Capabilities, at + ".capabilities", warn);
        CheckRlimits(process.Rlimits, at + ".rlimits");
        if (process.Scheduler is { } scheduler) CheckScheduler(scheduler, at + ".scheduler");
        if (process.IoPriority is { } io)
        {
            if (io.Class is not ("IOPRIO_CLASS_RT" or "IOPRIO_CLASS_BE" or "IOPRIO_CLASS_IDLE"))
                throw Wrong(at + ".ioPriority.class", $"{Quote(io.Class)} is no class; use IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE");
            if (io.Priority is < 0 or > 7) throw Wrong(at + ".ioPriority.priority", "must be 0 (highest) to 7");
        }

        CheckList(process.ExecCpuAffinity?.Initial, at + ".execCPUAffinity.initial", "CPUs");
        CheckList(process.ExecCpuAffinity?.Final, at + ".execCPUAffinity.final", "CPUs");
    }

    private static void CheckEnvironment(List<string>? variables, string at)
    {
        for (int i = 0; i < variables?.Count; i++)
        {
            if (variables[i].IndexOf('=', StringComparison.Ordinal) <= 0)
                throw Wrong($"{at}[{i}]", $"{Quote(variables[i])} must be NAME=VALUE");
        }
    }

    private static void CheckCapabilities(RuntimeCapabilities? sets, string at, Action<string> warn)
    {
        if (sets is null) return;
        Mask(sets.Bounding, at + ".bounding");
        ulong permitted = Mask(sets.Permitted, at + ".permitted");
        ulong inheritable = Mask(sets.Inheritable, at + ".inheritable");
        if (First(Mask(sets.Effective, at + ".effective") & ~permitted, sets.Effective) is { } effective)
            throw Wrong(at + ".effective", $"{effective} must be in capabilities.permitted too, else the kernel does not give it");
        if (First(Mask(sets.Ambient, at + ".ambient") & ~(permitted & inheritable), sets.Ambient) is { } ambient)
            warn($"{at}.ambient: {ambient} is not in both permitted and inheritable, and is left out as the kernel demands");
    }

    private static ulong Mask(List<string>? names, string at)
    {
        ulong mask = 0;
        for (int i = 0; i < names?.Count; i++)
        {
            int number = CapabilityName.Number(names[i]);
            if (number < 0)
                throw Wrong($"{at}[{i}]", $"{Quote(names[i])} is no capability; see capabilities(7) for the names, as CAP_NET_ADMIN");
            mask |= 1UL << number;
        }

        return mask;
    }

    private static string? First(ulong mask, List<string>? names) =>
        mask == 0 ? null : names!.Find(name => (mask & (1UL << CapabilityName.Number(name))) != 0);

    private static void CheckRlimits(List<RuntimeRlimit>? limits, string at)
    {
        uint seen = 0;
        for (int i = 0; i < limits?.Count; i++)
        {
            RuntimeRlimit limit = limits[i];
            int number = RlimitName.Number(limit.Type);
            if (number < 0) throw Wrong($"{at}[{i}].type", $"{Quote(limit.Type)} is no limit; see getrlimit(2) for the names, as RLIMIT_NOFILE");
            if ((seen & (1U << number)) != 0) throw Wrong($"{at}[{i}].type", $"{limit.Type} is there twice; keep one");
            if (limit.Soft > limit.Hard) throw Wrong($"{at}[{i}].soft", $"of {limit.Type} must not be greater than hard");
            seen |= 1U << number;
        }
    }

    private static void CheckScheduler(RuntimeScheduler scheduler, string at)
    {
        string policy = scheduler.Policy;
        switch (policy)
        {
            case "SCHED_OTHER" or "SCHED_BATCH" or "SCHED_IDLE":
                break;
            case "SCHED_FIFO" or "SCHED_RR":
                if (scheduler.Priority is null or < 1 or > 99) throw Wrong(at + ".priority", $"must be 1 to 99 with {policy}");
                break;
            case "SCHED_DEADLINE":
                ulong runtime = scheduler.Runtime ?? 0, deadline = scheduler.Deadline ?? 0, period = scheduler.Period ?? 0;
                if (runtime == 0) throw Wrong(at + ".runtime", "is missing or 0, and SCHED_DEADLINE needs it");
                if (deadline < runtime) throw Wrong(at + ".deadline", "must not be less than runtime");
                if (period != 0 && period < deadline) throw Wrong(at + ".period", "must not be less than deadline");
                break;
            case "SCHED_ISO":
                throw Wrong(at + ".policy", "SCHED_ISO is reserved: no kernel has it; use another policy");
            default:
                throw Wrong(
                    at + ".policy",
                    $"{Quote(policy)} is no policy; use SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE or SCHED_DEADLINE");
        }

        if (scheduler.Nice is < -20 or > 19) throw Wrong(at + ".nice", "must be -20 to 19");
        if (scheduler.Nice is not (null or 0) && policy is not ("SCHED_OTHER" or "SCHED_BATCH"))
            throw Wrong(at + ".nice", $"has no meaning with {policy}; leave it out");
        if (scheduler.Priority is not (null or 0) && policy is not ("SCHED_FIFO" or "SCHED_RR"))
            throw Wrong(at + ".priority", $"has no meaning with {policy}; leave it out");
        if (policy != "SCHED_DEADLINE")
        {
            if (scheduler.Runtime is not (null or 0)) throw Wrong(at + ".runtime", $"has no meaning with {policy}; leave it out");
            if (scheduler.Deadline is not (null or 0)) throw Wrong(at + ".deadline", $"has no meaning with {policy}; leave it out");
            if (scheduler.Period is not (null or 0)) throw Wrong(at + ".period", $"has no meaning with {policy}; leave it out");
        }

        for (int i = 0; i < scheduler.Flags?.Count; i++)
        {
            if (scheduler.Flags[i] is not ("SCHED_FLAG_RESET_ON_FORK" or "SCHED_FLAG_RECLAIM" or "SCHED_FLAG_DL_OVERRUN"
                or "SCHED_FLAG_KEEP_POLICY" or "SCHED_FLAG_KEEP_PARAMS" or "SCHED_FLAG_UTIL_CLAMP_MIN" or "SCHED_FLAG_UTIL_CLAMP_MAX"))
            {
                throw Wrong($"{at}.flags[{i}]", $"{Quote(scheduler.Flags[i])} is no flag; see sched_setattr(2) for the names");
            }
        }
    }

    private static void CheckList(string? list, string at, string of)
    {
        if (list is not null && !NumberList.TryParse(list, out _))
            throw Wrong(at, $"{Quote(list)} is no list of {of}; write one as \"0-3,7\"");
    }
}
