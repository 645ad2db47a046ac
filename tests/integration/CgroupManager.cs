namespace DockerPS.Integration;

/// <summary>Who makes the cgroups of OCI bundles in tests: <c>DOCKERPS_TEST_CGROUP_MANAGER</c>, <c>cgroupfs</c> (the default) or <c>systemd</c>.</summary>
internal static class CgroupManager
{
    public static bool IsSystemd { get; } = Environment.GetEnvironmentVariable("DOCKERPS_TEST_CGROUP_MANAGER") == "systemd";

    /// <summary>The runtime's global options.</summary>
    public static string[] Options => IsSystemd ? ["--systemd-cgroup"] : [];

    /// <summary>A cgroupsPath, as the manager wants it.</summary>
    public static string PathOf(string name) => IsSystemd ? "system.slice:dockerps:" + name : "/dockerps-tests/" + name;
}
