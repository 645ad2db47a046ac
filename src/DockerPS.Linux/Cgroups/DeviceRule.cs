using System.Globalization;

namespace DockerPS.Linux.Cgroups;

/// <summary>What a device rule covers.</summary>
public enum DeviceType
{
    /// <summary>Character and block devices.</summary>
    All,
    Character,
    Block,
}

[Flags]
public enum DeviceAccess
{
    None = 0,

    /// <summary>As BPF_DEVCG_ACC_MKNOD of linux/bpf.h; the others likewise.</summary>
    Make = 1,
    Read = 2,
    Write = 4,
    All = 7,
}

/// <summary>
/// One rule of a device list. Rules stand in order: for each kind of access the last one that covers a device decides, and what
/// none covers is allowed. A null number is every number.
/// </summary>
public readonly record struct DeviceRule(bool Allow, DeviceType Type, long? Major, long? Minor, DeviceAccess Access)
{
    /// <summary>It covers all that there is: those before it mean nothing.</summary>
    public bool IsForEverything => Type == DeviceType.All && Major is null && Minor is null && Access == DeviceAccess.All;

    public static DeviceRule Everything(bool allow) => new(allow, DeviceType.All, null, null, DeviceAccess.All);

    /// <summary>Some device may fall under both.</summary>
    public bool Overlaps(DeviceRule other) =>
        (Type == DeviceType.All || other.Type == DeviceType.All || Type == other.Type)
        && (Major is null || other.Major is null || Major == other.Major)
        && (Minor is null || other.Minor is null || Minor == other.Minor);

    /// <summary>The rules as writes for version 1's device controller, into a group that was just made.</summary>
    /// <exception cref="LinuxException">EINVAL: a list that version 1 cannot express.</exception>
    public static List<CgroupWrite> ToWrites(IReadOnlyList<DeviceRule> rules)
    {
        var writes = new List<CgroupWrite>(rules.Count);
        bool allowed = true;
        for (int i = 0; i < rules.Count; i++)
        {
            DeviceRule rule = rules[i];
            if (rule.IsForEverything) allowed = rule.Allow;
            else if (rule.Allow == allowed) RefuseHole(rules, i);
            string file = rule.Allow ? "devices.allow" : "devices.deny";
            if (rule.IsForEverything) Add("a");
            else
            {
                if (rule.Type != DeviceType.Block) Add($"c {rule.Numbers}");
                if (rule.Type != DeviceType.Character) Add($"b {rule.Numbers}");
            }
            void Add(string line) => writes.Add(new CgroupWrite("devices", file, line, "linux.resources.devices"));
        }
        return writes;
    }

    /// <summary>
    /// Version 1 keeps one default and a list of exceptions, and takes an exception back only by its exact numbers. A rule that cuts
    /// a hole into a wider exception, or covers several, would be dropped by the kernel without a word.
    /// </summary>
    private static void RefuseHole(IReadOnlyList<DeviceRule> rules, int index)
    {
        DeviceRule rule = rules[index];
        for (int i = index - 1; i >= 0 && !rules[i].IsForEverything; i--)
        {
            DeviceRule earlier = rules[i];
            bool isSame = earlier.Type == rule.Type && earlier.Major == rule.Major && earlier.Minor == rule.Minor;
            if (earlier.Allow == rule.Allow || isSame || (earlier.Access & rule.Access) == 0 || !earlier.Overlaps(rule)) continue;
            throw new LinuxException(
                $"linux.resources.devices: cgroup version 1 cannot take \"{rule}\" out of \"{earlier}\"", Errno.EINVAL);
        }
    }

    /// <summary><c>allow c 1:3 rwm</c>.</summary>
    public override string ToString() =>
        $"{(Allow ? "allow" : "deny")} {(Type == DeviceType.All ? 'a' : Type == DeviceType.Block ? 'b' : 'c')} {Numbers}";

    private string Numbers
    {
        get
        {
            string major = Major?.ToString(CultureInfo.InvariantCulture) ?? "*";
            string minor = Minor?.ToString(CultureInfo.InvariantCulture) ?? "*";
            string read = (Access & DeviceAccess.Read) != 0 ? "r" : "", write = (Access & DeviceAccess.Write) != 0 ? "w" : "";
            return $"{major}:{minor} {read}{write}{((Access & DeviceAccess.Make) != 0 ? "m" : "")}";
        }
    }
}
