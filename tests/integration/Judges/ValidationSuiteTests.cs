using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Judges;

/// <summary>
/// The programs of opencontainers/runtime-tools' validation suite. DOCKERPS_RUNTIME_TOOLS names a checkout in which
/// <c>make runtimetest validation-executables</c> was run; without it the suite is skipped.
/// </summary>
public sealed class ValidationSuiteTests
{
    private const string Variable = "DOCKERPS_RUNTIME_TOOLS";

    /// <summary>Programs that no runtime passes, as they are wrong themselves, and why.</summary>
    private static readonly Dictionary<string, string> s_wrong = new()
    {
        ["linux_cgroups_pids"] = "it compares addresses of the limits, not the limits",
        ["linux_cgroups_relative_pids"] = "it compares addresses of the limits, not the limits",
        ["delete_resources"] = "it compares addresses of the limits, not the limits",
        ["linux_cgroups_memory"] = "it wants a limit of kernel memory, which Linux has no more",
        ["linux_cgroups_relative_memory"] = "it wants a limit of kernel memory, which Linux has no more",
        ["process_rlimits"] = "its own language's start raises the soft limit that it looks for",
        ["pidfile"] = "it wants that a process which has ended can be killed",
        ["misc_props"] = "it wants that a program which is not in the bundle can be started",
        ["start"] = "it wants that a container without a process starts, and says the contrary",
    };

    /// <summary>Programs that need what some hosts lack.</summary>
    private static readonly Dictionary<string, (string Path, string What)> s_needs = new()
    {
        ["linux_process_apparmor_profile"] = ("/sys/kernel/security/apparmor/profiles", "AppArmor"),
        ["linux_cgroups_blkio"] = ("/sys/fs/cgroup/blkio/blkio.weight", "weights of block devices (CFQ)"),
        ["linux_cgroups_relative_blkio"] = ("/sys/fs/cgroup/blkio/blkio.weight", "weights of block devices (CFQ)"),
        ["linux_cgroups_network"] = ("/sys/fs/cgroup/net_cls", "the net_cls cgroup controller"),
        ["linux_cgroups_relative_network"] = ("/sys/fs/cgroup/net_cls", "the net_cls cgroup controller"),
        ["linux_cgroups_hugetlb"] = ("/sys/fs/cgroup/hugetlb", "the hugetlb cgroup controller (v1)"),
        ["linux_cgroups_relative_hugetlb"] = ("/sys/fs/cgroup/hugetlb", "the hugetlb cgroup controller (v1)"),
    };

    public static IEnumerable<TheoryDataRow<string>> Programs()
    {
        if (Suite() is not { } suite) return [new TheoryDataRow<string>("not built")];
        return Directory.GetDirectories(Path.Combine(suite, "validation")).Select(d => Path.GetFileName(d)!)
            .Where(n => File.Exists(Path.Combine(suite, "validation", n, n + ".t"))).Order(StringComparer.Ordinal).Select(n => new TheoryDataRow<string>(n));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Program_passes(string program)
    {
        string suite = Suite()!;
        Assert.SkipWhen(suite is null, $"SKIPPED: {Variable} names no built checkout of runtime-tools.");
        string runtime = RuntimeExecutable.Path;
        Assert.SkipWhen(s_wrong.TryGetValue(program, out string? wrong), $"SKIPPED: no runtime passes '{program}': {wrong}.");
        if (s_needs.TryGetValue(program, out (string Path, string What) need))
            Assert.SkipUnless(Path.Exists(need.Path), $"SKIPPED: '{program}' needs {need.What}, which this host lacks.");
        Assert.SkipWhen(program == "process_capabilities" && !HasCapability(24), "SKIPPED: this host's root lacks CAP_SYS_RESOURCE.");
        string directory = Directory.CreateTempSubdirectory("dockerps-validation-").FullName;
        try
        {
            OciResult result = OciResult.Of(
                directory, "/bin/sh", "", "-c", "cd \"$1\" && RUNTIME=\"$2\" exec \"$3\"", "sh", suite!, runtime, $"./validation/{program}/{program}.t");
            string[] failed = [.. result.Out.Split('\n').Where(l => l.StartsWith("not ok", StringComparison.Ordinal))];
            Assert.True(result.Code == 0 && failed.Length == 0, string.Join('\n', failed) + "\n" + result.Error);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string? Suite() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named && File.Exists(Path.Combine(named, "runtimetest")) ? named : null;

    private static bool HasCapability(int number)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapBnd:", StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(8), System.Globalization.NumberStyles.HexNumber) >> number & 1) == 1;
    }
}
