using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class CgroupPlan
{
    private void AddBlockIo(RuntimeBlockIo io)
    {
        // Called io in version 2.
        int version = _layout.VersionOf("blkio") == 1 ? 1 : _layout.VersionOf("io");
        if (io.Weight is not (null or 0)) AddWeight(io.Weight.Value, version);
        if (io.LeafWeight is not (null or 0)) Ignore("blockIO.leafWeight", "kernels since 5.0 have no such setting");
        AddThrottles(io.ThrottleReadBpsDevice, version, "read_bps", "rbps", "blockIO.throttleReadBpsDevice");
        AddThrottles(io.ThrottleWriteBpsDevice, version, "write_bps", "wbps", "blockIO.throttleWriteBpsDevice");
        AddThrottles(io.ThrottleReadIopsDevice, version, "read_iops", "riops", "blockIO.throttleReadIOPSDevice");
        AddThrottles(io.ThrottleWriteIopsDevice, version, "write_iops", "wiops", "blockIO.throttleWriteIOPSDevice");
    }

    /// <summary>A weight is a matter of the I/O scheduler and needs CFQ (before 5.0), BFQ or io.cost: without, a warning as in Docker.</summary>
    private void AddWeight(ushort weight, int version)
    {
        const string Property = Resources + "blockIO.weight";
        if (weight is < 10 or > 1000) throw Invalid("blockIO.weight", $"{weight} is not between 10 and 1000");
        string value = Text((ulong)weight);
        if (version == 0)
        {
            Ignore("blockIO.weight", "this host has no blkio cgroup controller");
            return;
        }
        // BFQ's scale is the specification's, io.weight goes from 1 to 10000.
        Writes.Add(version == 1
            ? new CgroupWrite("blkio", "blkio.weight", value, Property)
            {
                Missing = CgroupFileMissing.Warn,
                Else = new CgroupWrite("blkio", "blkio.bfq.weight", value, Property) { Missing = CgroupFileMissing.Warn },
            }
            : new CgroupWrite("io", "io.bfq.weight", value, Property)
            {
                Missing = CgroupFileMissing.Warn,
                Else = new CgroupWrite("io", "io.weight", Text(1 + (weight - 10UL) * 9999 / 990), Property)
                {
                    Missing = CgroupFileMissing.Warn,
                },
            });
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
