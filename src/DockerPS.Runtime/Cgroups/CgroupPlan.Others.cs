using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private void AddPids(RuntimePids pids)
    {
        // 0 is what drivers write who have nothing to ask for.
        if (pids.Limit is not { } limit || limit == 0) return;
        Require("pids", "pids.limit");
        Write("pids", "pids.max", Limit(limit), "pids.limit");
    }

    private void AddHugepages(List<RuntimeHugepageLimit> limits)
    {
        foreach (RuntimeHugepageLimit limit in limits)
        {
            const string Property = "hugepageLimits";
            if (limit.PageSize.Length == 0 || limit.PageSize.Contains('/')) throw Invalid(Property, $"no page size: {limit.PageSize}");
            string end = Require("hugetlb", Property) == 1 ? "limit_in_bytes" : "max";
            Write("hugetlb", $"hugetlb.{limit.PageSize}.{end}", limit.Limit, Property);
            // Reserved pages too (since 5.7), so that mmap fails instead of SIGBUS at first use.
            Writes.Add(new CgroupWrite("hugetlb", $"hugetlb.{limit.PageSize}.rsvd.{end}", Text(limit.Limit), Resources + Property)
            {
                Missing = CgroupFileMissing.Skip,
            });
        }
    }

    /// <summary>Version 1 alone has them. In version 2 a BPF program of whoever wants it looks at a packet's cgroup.</summary>
    private void AddNetwork(RuntimeNetwork network)
    {
        if (network.ClassId is not (null or 0))
        {
            Require("net_cls", "network.classID");
            Write("net_cls", "net_cls.classid", network.ClassId.Value, "network.classID");
        }
        foreach (RuntimeInterfacePriority priority in network.Priorities ?? [])
        {
            Require("net_prio", "network.priorities");
            if (priority.Name.Length == 0 || priority.Name.Contains(' ')) throw Invalid("network.priorities", $"\"{priority.Name}\" is no interface");
            Write("net_prio", "net_prio.ifpriomap", $"{priority.Name} {Text((ulong)priority.Priority)}", "network.priorities");
        }
    }

    private void AddRdma(Dictionary<string, RuntimeRdma> devices)
    {
        foreach ((string device, RuntimeRdma limit) in devices)
        {
            string property = $"rdma[\"{device}\"]";
            Require("rdma", property);
            string value = device;
            if (limit.HcaHandles is { } handles) value += " hca_handle=" + Text((ulong)handles);
            if (limit.HcaObjects is { } objects) value += " hca_object=" + Text((ulong)objects);
            if (value.Length == device.Length) throw Invalid(property, "has neither hcaHandles nor hcaObjects");
            Write("rdma", "rdma.max", value, property);
        }
    }

    private void AddUnified(Dictionary<string, string> unified)
    {
        foreach ((string file, string value) in unified)
        {
            string property = $"unified[\"{file}\"]";
            int dot = file.IndexOf('.');
            if (dot <= 0 || file.Contains('/')) throw Invalid(property, "is not the name of a cgroup file");
            string controller = file[..dot];
            int version = controller == "cgroup" && _layout.Version2 is not null ? 2 : Require(controller, property);
            if (version != 2) throw Invalid(property, "unified is for cgroup version 2, and this host has the controller in version 1");
            // One device or key a write.
            foreach (Range line in value.AsSpan().Split('\n'))
            {
                string text = value[line].Trim();
                if (text.Length > 0) Write(controller, file, text, property);
            }
        }
    }

    private static List<DeviceRule> DeviceRules(List<RuntimeDeviceRule>? asked)
    {
        var rules = new List<DeviceRule>(asked?.Count ?? 0);
        if (asked is null) return rules;
        foreach (RuntimeDeviceRule rule in asked)
        {
            DeviceType type = rule.Type switch
            {
                null or "" or "a" => DeviceType.All,
                "c" or "u" => DeviceType.Character,
                "b" => DeviceType.Block,
                _ => throw Invalid("devices", $"\"{rule.Type}\" is no type of device"),
            };
            rules.Add(new DeviceRule(rule.Allow, type, Number(rule.Major), Number(rule.Minor), AccessFrom(rule.Access)));
        }
        return rules;
    }

    /// <summary>Some write -1 for every number.</summary>
    private static long? Number(long? number) => number is < 0 ? null : number;

    private static DeviceAccess AccessFrom(string? text)
    {
        if (string.IsNullOrEmpty(text)) return DeviceAccess.All;
        DeviceAccess access = DeviceAccess.None;
        foreach (char letter in text)
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.Make,
                _ => throw Invalid("devices", $"access \"{text}\" is not made of r, w and m"),
            };
        }
        return access;
    }
}
