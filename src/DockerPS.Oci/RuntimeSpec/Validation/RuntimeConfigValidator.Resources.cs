namespace DockerPS.Oci.RuntimeSpec;

public sealed partial class RuntimeConfigValidator
{
    /// <summary>Zero is what Go programs write for what they do not set, so it is never refused.</summary>
    private static void CheckResources(RuntimeResources resources, string at)
    {
        CheckDeviceRules(resources.Devices, at + ".devices");
        if (resources.Memory is { } memory) CheckMemory(memory, at + ".memory");
        if (resources.Cpu is { } cpu) CheckCpu(cpu, at + ".cpu");
        if (resources.Pids?.Limit < -1) throw Wrong(at + ".pids.limit", "must be a number of processes, or -1 for no limit");
        if (resources.BlockIo is { } io) CheckBlockIo(io, at + ".blockIO");
        for (int i = 0; i < resources.HugepageLimits?.Count; i++)
        {
            string size = resources.HugepageLimits[i].PageSize;
            if (!IsPageSize(size)) throw Wrong($"{at}.hugepageLimits[{i}].pageSize", $"{Quote(size)} is no size of a page; write one as \"2MB\"");
        }

        for (int i = 0; i < resources.Network?.Priorities?.Count; i++)
        {
            if (!IsInterface(resources.Network.Priorities[i].Name))
                throw Wrong($"{at}.network.priorities[{i}].name", $"{Quote(resources.Network.Priorities[i].Name)} is no name of an interface");
        }

        foreach ((string device, RuntimeRdma limit) in resources.Rdma ?? [])
        {
            if (device.Length == 0 || device.AsSpan().ContainsAny(' ', '\n', '/')) throw Wrong(at + ".rdma", $"{Quote(device)} is no name of a device");
            if (limit.HcaHandles is null && limit.HcaObjects is null) throw Wrong($"{at}.rdma.{device}", "must have hcaHandles or hcaObjects");
        }

        if (resources.Unified is null) return;
        foreach (string file in resources.Unified.Keys)
        {
            int dot = file.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || dot == file.Length - 1 || file.Contains('/', StringComparison.Ordinal))
                throw Wrong(at + ".unified", $"{Quote(file)} is no name of a cgroup file, as \"memory.high\"");
        }
    }

    private static void CheckDeviceRules(List<RuntimeDeviceRule>? rules, string at)
    {
        for (int i = 0; i < rules?.Count; i++)
        {
            RuntimeDeviceRule rule = rules[i];
            if (rule.Type is not (null or "" or "a" or "b" or "c"))
                throw Wrong($"{at}[{i}].type", $"{Quote(rule.Type)} is no type of device; use a, b or c");
            if (rule.Access is not null && rule.Access.AsSpan().ContainsAnyExcept("rwm"))
                throw Wrong($"{at}[{i}].access", $"{Quote(rule.Access)} must be made of r, w and m");
            if (rule.Major is < -1 or > uint.MaxValue) throw Wrong($"{at}[{i}].major", "must be the number of a device, or -1 for all");
            if (rule.Minor is < -1 or > uint.MaxValue) throw Wrong($"{at}[{i}].minor", "must be the number of a device, or -1 for all");
        }
    }

    private static void CheckMemory(RuntimeMemory memory, string at)
    {
        const string Bytes = "must be a number of bytes, or -1 for no limit";
        if (memory.Limit < -1) throw Wrong(at + ".limit", Bytes);
        if (memory.Reservation < -1) throw Wrong(at + ".reservation", Bytes);
        if (memory.Swap < -1) throw Wrong(at + ".swap", Bytes);
        if (memory.Kernel < -1) throw Wrong(at + ".kernel", Bytes);
        if (memory.KernelTcp < -1) throw Wrong(at + ".kernelTCP", Bytes);
        if (memory is { Limit: > 0, Swap: > 0 } && memory.Swap < memory.Limit)
            throw Wrong(at + ".swap", "is of memory and swap together, and must not be less than limit");
        if (memory is { Limit: -1, Swap: > 0 }) throw Wrong(at + ".swap", "is of memory and swap together, and cannot be less than an unlimited limit");
        if (memory.Swappiness > 100) throw Wrong(at + ".swappiness", "must be 0 to 100");
    }

    private static void CheckCpu(RuntimeCpu cpu, string at)
    {
        if (cpu.Quota < -1) throw Wrong(at + ".quota", "must be a number of microseconds, or -1 for no limit");
        if (cpu is { Burst: > 0, Quota: > 0 } && cpu.Burst > (ulong)cpu.Quota) throw Wrong(at + ".burst", "must not be greater than quota");
        if (cpu.RealtimeRuntime < -1) throw Wrong(at + ".realtimeRuntime", "must be a number of microseconds, or -1 for no limit");
        if (cpu.Idle is < 0 or > 1) throw Wrong(at + ".idle", "must be 0 or 1");
        CheckList(cpu.Cpus, at + ".cpus", "CPUs");
        CheckList(cpu.Mems, at + ".mems", "memory nodes");
    }

    private static void CheckBlockIo(RuntimeBlockIo io, string at)
    {
        CheckWeight(io.Weight, at, "weight");
        CheckWeight(io.LeafWeight, at, "leafWeight");
        for (int i = 0; i < io.WeightDevice?.Count; i++)
        {
            RuntimeWeightDevice device = io.WeightDevice[i];
            string place = $"{at}.weightDevice[{i}]";
            CheckNumber(device.Major, device.Minor, place);
            if (device.Weight is null && device.LeafWeight is null) throw Wrong(place, "must have weight or leafWeight");
            CheckWeight(device.Weight, place, "weight");
            CheckWeight(device.LeafWeight, place, "leafWeight");
        }

        CheckThrottles(io.ThrottleReadBpsDevice, at, "throttleReadBpsDevice");
        CheckThrottles(io.ThrottleWriteBpsDevice, at, "throttleWriteBpsDevice");
        CheckThrottles(io.ThrottleReadIopsDevice, at, "throttleReadIOPSDevice");
        CheckThrottles(io.ThrottleWriteIopsDevice, at, "throttleWriteIOPSDevice");
    }

    private static void CheckThrottles(List<RuntimeThrottle>? throttles, string at, string member)
    {
        for (int i = 0; i < throttles?.Count; i++) CheckNumber(throttles[i].Major, throttles[i].Minor, $"{at}.{member}[{i}]");
    }

    private static void CheckNumber(long major, long minor, string at)
    {
        if (major is < 0 or > uint.MaxValue) throw Wrong(at + ".major", "must be the number of a device");
        if (minor is < 0 or > uint.MaxValue) throw Wrong(at + ".minor", "must be the number of a device");
    }

    private static void CheckWeight(ushort? weight, string at, string member)
    {
        if (weight is not (null or 0 or (>= 10 and <= 1000))) throw Wrong($"{at}.{member}", "must be 10 to 1000");
    }

    private static bool IsPageSize(string size)
    {
        ReadOnlySpan<char> text = size;
        return text.Length > 2 && text[^1] == 'B' && text[^2] is 'K' or 'M' or 'G' && text[0] is >= '1' and <= '9'
            && !text[..^2].ContainsAnyExceptInRange('0', '9');
    }
}
