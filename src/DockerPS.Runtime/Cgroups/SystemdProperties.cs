using System.Globalization;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Linux.DBus;
using DockerPS.Linux.Systemd;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

/// <summary>
/// The limits that systemd knows of, as its properties. They are also written into the cgroup's files: systemd is told so that it does
/// not write its own ideas over them when it reloads.
/// </summary>
/// <remarks>systemd.resource-control(5). What systemd has no property for (huge pages, network classes, throttled devices) it leaves alone.</remarks>
internal static partial class SystemdProperties
{
    private const int WithCpuset = 244, WithQuotaPeriod = 242, WithIdle = 252;

    /// <param name="resources">As in config.json; null limits nothing.</param>
    /// <param name="layout">This host's hierarchies.</param>
    /// <param name="version">systemd's: 252.</param>
    /// <param name="devices">The whole list of device rules; null leaves them alone.</param>
    /// <param name="current">In an update, what the files say now; null for a new scope.</param>
    public static List<UnitProperty> From(
        RuntimeResources? resources, CgroupLayout layout, int version, List<DeviceRule>? devices, CgroupReader? current)
    {
        var properties = new List<UnitProperty>();
        bool isVersion2 = layout.Kind == CgroupKind.V2;
        // In version 2 systemd's own device filter would stand beside ours; it makes none unless it is asked to.
        if (devices is not null && !isVersion2) AddDevices(properties, devices);
        if (resources is null) return properties;
        if (resources.Memory is { } memory) AddMemory(properties, memory, isVersion2, current);
        if (resources.Cpu is { } cpu) AddCpu(properties, cpu, isVersion2, version, current);
        if (resources.Pids?.Limit is { } pids && pids != 0) Add(properties, "TasksMax", Limit(pids));
        if (resources.BlockIo?.Weight is { } weight && weight != 0)
            Add(properties, isVersion2 ? "IOWeight" : "BlockIOWeight", isVersion2 ? 1 + ((weight - 10UL) * 9999 / 990) : weight);
        if (resources.Unified is { } unified && isVersion2) AddUnified(properties, unified, version);
        return properties;
    }

    private static void AddMemory(List<UnitProperty> properties, RuntimeMemory memory, bool isVersion2, CgroupReader? current)
    {
        if (memory.Limit is { } limit && limit != 0) Add(properties, isVersion2 ? "MemoryMax" : "MemoryLimit", Limit(limit));
        if (!isVersion2) return;
        if (memory.Reservation is { } low && low != 0) Add(properties, "MemoryLow", Limit(low));
        if (memory.Swap == -1 || (memory.Swap is null or 0 && memory.Limit == -1)) Add(properties, "MemorySwapMax", ulong.MaxValue);
        long? whole = memory.Limit is null or 0 ? CgroupFileNumber.Parse(current?.Invoke("memory", "memory.max")) : memory.Limit;
        if (memory.Swap is > 0 && whole is > 0 && memory.Swap >= whole) Add(properties, "MemorySwapMax", (ulong)(memory.Swap.Value - whole.Value));
    }

    private static void AddCpu(List<UnitProperty> properties, RuntimeCpu cpu, bool isVersion2, int version, CgroupReader? current)
    {
        if (cpu.Idle == 1 && isVersion2 && version >= WithIdle) Add(properties, "CPUWeight", 0);
        else if (cpu.Shares is { } shares && shares != 0)
            Add(properties, isVersion2 ? "CPUWeight" : "CPUShares", isVersion2 ? CgroupPlan.WeightOfShares(shares) : shares);
        AddQuota(properties, cpu.Quota, cpu.Period, version, Bandwidth(isVersion2, current));
        if (version < WithCpuset || !isVersion2) return;
        if (!string.IsNullOrEmpty(cpu.Cpus)) Add(properties, "AllowedCPUs", cpu.Cpus, "cpu.cpus");
        if (!string.IsNullOrEmpty(cpu.Mems)) Add(properties, "AllowedMemoryNodes", cpu.Mems, "cpu.mems");
    }

    /// <summary>Quota and period that the files say now; 0 when unknown.</summary>
    private static (long Quota, ulong Period) Bandwidth(bool isVersion2, CgroupReader? current)
    {
        if (current is null) return default;
        string[] both = isVersion2
            ? (current("cpu", "cpu.max") ?? "").Split(' ')
            : [current("cpu", "cpu.cfs_quota_us") ?? "", current("cpu", "cpu.cfs_period_us") ?? ""];
        return (CgroupFileNumber.Parse(both[0]) ?? 0, (ulong)Math.Max(0, (both.Length > 1 ? CgroupFileNumber.Parse(both[1]) : 0) ?? 0));
    }

    /// <summary>systemd takes a quota for each second, in whole hundredths, and since version 242 the period beside it.</summary>
    private static void AddQuota(List<UnitProperty> properties, long? quota, ulong? period, int version, (long Quota, ulong Period) now)
    {
        if (quota is null or 0 && period is null or 0) return;
        long wanted = quota is null or 0 ? now.Quota : quota.Value;
        ulong length = period is null or 0 ? now.Period : period.Value;
        if (period is not (null or 0) && version >= WithQuotaPeriod) Add(properties, "CPUQuotaPeriodUSec", period.Value);
        if (wanted == 0) return;
        if (length == 0) length = 100_000;
        ulong perSecond = wanted < 0 ? ulong.MaxValue : (ulong)wanted * 1_000_000 / length;
        if (wanted > 0) perSecond = (perSecond + 9_999) / 10_000 * 10_000;
        Add(properties, "CPUQuotaPerSecUSec", perSecond);
    }

    private static void AddUnified(List<UnitProperty> properties, Dictionary<string, string> unified, int version)
    {
        foreach ((string file, string text) in unified)
        {
            string value = text.Trim();
            switch (file)
            {
                case "memory.max": AddLimit(properties, "MemoryMax", value); break;
                case "memory.high": AddLimit(properties, "MemoryHigh", value); break;
                case "memory.low": AddLimit(properties, "MemoryLow", value); break;
                case "memory.min": AddLimit(properties, "MemoryMin", value); break;
                case "memory.swap.max": AddLimit(properties, "MemorySwapMax", value); break;
                case "pids.max": AddLimit(properties, "TasksMax", value); break;
                case "cpu.weight": AddLimit(properties, "CPUWeight", value); break;
                case "cpuset.cpus" when version >= WithCpuset: Add(properties, "AllowedCPUs", value, "unified[\"cpuset.cpus\"]"); break;
                case "cpuset.mems" when version >= WithCpuset: Add(properties, "AllowedMemoryNodes", value, "unified[\"cpuset.mems\"]"); break;
                case "cpu.max":
                    string[] parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    if (parts.Length == 0) break;
                    ulong? period = parts.Length > 1 && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong p) ? p : null;
                    AddQuota(properties, CgroupFileNumber.Parse(parts[0]), period, version, default);
                    break;
            }
        }
    }

    /// <summary>A value that the kernel will refuse is left to it: its error names the file.</summary>
    private static void AddLimit(List<UnitProperty> properties, string name, string text)
    {
        if (CgroupFileNumber.Parse(text) is { } number) Add(properties, name, Limit(number));
    }

    private static void Add(List<UnitProperty> properties, string name, ulong value)
    {
        properties.RemoveAll(p => p.Name == name);
        properties.Add(new UnitProperty(name, DBusVariant.From(value)));
    }

    private static void Add(List<UnitProperty> properties, string name, string list, string property)
    {
        properties.RemoveAll(p => p.Name == name);
        properties.Add(new UnitProperty(name, DBusVariant.From(Bits(list, property))));
    }

    private static ulong Limit(long value) => value < 0 ? ulong.MaxValue : (ulong)value;

    /// <summary><c>0-2,5</c> as bits, the lowest number in the lowest bit of the first byte.</summary>
    internal static byte[] Bits(string list, string property)
    {
        const int Most = 8192;
        byte[] bits = new byte[Most / 8];
        int length = 0;
        foreach (string item in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dash = item.IndexOf('-');
            if (!Number(dash < 0 ? item : item[..dash], out int first) || !Number(dash < 0 ? item : item[(dash + 1)..], out int last) || last < first)
                throw new LinuxException($"linux.resources.{property}: \"{list}\" is no list of numbers and ranges", Errno.EINVAL);
            for (int number = first; number <= last; number++) bits[number / 8] |= (byte)(1 << (number % 8));
            length = Math.Max(length, (last / 8) + 1);
        }
        return bits[..length];

        static bool Number(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Most;
    }
}
