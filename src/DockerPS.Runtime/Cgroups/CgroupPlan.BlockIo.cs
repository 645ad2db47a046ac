using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private void AddBlockIo(RuntimeBlockIo io)
    {
        // Called io in version 2.
        int version = _layout.VersionOf("blkio") == 1 ? 1 : _layout.VersionOf("io");
        if (io.Weight is not (null or 0)) AddWeight("", io.Weight.Value, version, "blockIO.weight");
        if (io.LeafWeight is not (null or 0)) AddLeafWeight("", io.LeafWeight.Value, version, "blockIO.leafWeight");
        foreach (RuntimeWeightDevice device in io.WeightDevice ?? [])
        {
            string number = $"{Text(device.Major)}:{Text(device.Minor)} ";
            if (device.Weight is not (null or 0)) AddWeight(number, device.Weight.Value, version, "blockIO.weightDevice");
            if (device.LeafWeight is not (null or 0)) AddLeafWeight(number, device.LeafWeight.Value, version, "blockIO.weightDevice.leafWeight");
        }
        AddThrottles(io.ThrottleReadBpsDevice, version, "read_bps", "rbps", "blockIO.throttleReadBpsDevice");
        AddThrottles(io.ThrottleWriteBpsDevice, version, "write_bps", "wbps", "blockIO.throttleWriteBpsDevice");
        AddThrottles(io.ThrottleReadIopsDevice, version, "read_iops", "riops", "blockIO.throttleReadIOPSDevice");
        AddThrottles(io.ThrottleWriteIopsDevice, version, "write_iops", "wiops", "blockIO.throttleWriteIOPSDevice");
    }

    /// <summary>
    /// A weight is a matter of the I/O scheduler and needs CFQ (before 5.0), BFQ or io.cost. BFQ's scale is the specification's,
    /// io.weight goes from 1 to 10000.
    /// </summary>
    /// <param name="device"><c>8:0 </c>, or nothing for the weight of all that have none of their own.</param>
    /// <param name="weight">10 to 1000.</param>
    /// <param name="version">Of the controller; 0 when the host has none.</param>
    /// <param name="property">That asks for it.</param>
    private void AddWeight(string device, ushort weight, int version, string property)
    {
        CheckWeight(weight, property);
        string value = device + Text((ulong)weight), end = device.Length > 0 ? "weight_device" : "weight";
        if (version == 0)
        {
            if (!_lenient) throw Absent("blkio", property);
            Refuse(property, "this host has no blkio cgroup controller");
            return;
        }
        Writes.Add(version == 1
            ? Weighing("blkio", "blkio." + end, value, Weighing("blkio", "blkio.bfq." + end, value, null))
            : Weighing("io", "io.bfq.weight", value, Weighing("io", "io.weight", device + Text(1 + (weight - 10UL) * 9999 / 990), null)));

        CgroupWrite Weighing(string controller, string file, string text, CgroupWrite? otherwise) =>
            new(controller, file, text, Resources + property) { Missing = MayBeMissing, Else = otherwise };
    }

    private void AddLeafWeight(string device, ushort weight, int version, string property)
    {
        CheckWeight(weight, property);
        if (version != 1)
        {
            Refuse(property, "cgroup version 2 has no such setting");
            return;
        }
        string file = device.Length > 0 ? "blkio.leaf_weight_device" : "blkio.leaf_weight";
        Writes.Add(new CgroupWrite("blkio", file, device + Text((ulong)weight), Resources + property) { Missing = MayBeMissing });
    }

    private static void CheckWeight(ushort weight, string property)
    {
        if (weight is < 10 or > 1000) throw Invalid(property, $"{weight} is not between 10 and 1000");
    }

    private void AddThrottles(List<RuntimeThrottle>? throttles, int version, string file, string key, string property)
    {
        if (throttles is null or { Count: 0 }) return;
        if (version == 0) Require("io", property);
        foreach (RuntimeThrottle throttle in throttles)
        {
            string device = $"{Text(throttle.Major)}:{Text(throttle.Minor)}";
            if (version == 1) Write("blkio", $"blkio.throttle.{file}_device", $"{device} {Text(throttle.Rate)}", property);
            else Write("io", "io.max", $"{device} {key}={(throttle.Rate == 0 ? "max" : Text(throttle.Rate))}", property);
        }
    }
}
