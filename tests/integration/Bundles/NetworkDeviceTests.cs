using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Bundles;

/// <summary>linux.netDevices: interfaces that move into the container, tried in a network namespace of the test's own.</summary>
public sealed class NetworkDeviceTests
{
    [Fact]
    public void Interfaces_move_with_their_addresses_get_their_names_and_are_up()
    {
        using OciBundle bundle = Prepare("ip -o link; ip -o addr", ("outer0", "inner0"), ("outer1", null));
        OciBundle.Output output = RunIn(bundle, "ip -o link");
        Assert.True(output.ExitCode == 0, output.Error + output.Out);
        string[] parts = output.Out.Split("after\n");
        Assert.Matches(@"inner0@?[^\n]*UP", parts[0]);
        Assert.Matches(@"outer1@?[^\n]*UP", parts[0]);
        Assert.Matches(@"inner0\s+inet 10\.9\.8\.7/24", parts[0]);
        Assert.Matches(@"inner0\s+inet6 fd00::7/64", parts[0]);
        Assert.DoesNotContain("outer0", parts[0]);
    }

    [Theory]
    [InlineData("missing0", null, "$.linux.netDevices.missing0: this machine has no network interface 'missing0'")]
    [InlineData("outer0", "lo", "$.linux.netDevices.outer0.name: the container has an interface 'lo' already")]
    public void What_cannot_be_moved_is_named_and_stays_where_it_was(string name, string? inside, string words)
    {
        using OciBundle bundle = Prepare("true", (name, inside));
        OciBundle.Output output = RunIn(bundle, "ip -o link show outer0");
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains(words, output.Error);
        Assert.Contains("outer0", output.Out.Split("after\n")[1]);
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, "state", bundle.Id)));
    }

    private static OciBundle Prepare(string script, params (string Name, string? Inside)[] devices)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip") || File.Exists("/bin/ip"), "SKIPPED: ip is not installed (Debian's package iproute2).");
        var bundle = new OciBundle(script);
        File.CreateSymbolicLink(bundle.RootFs + "/bin/ip", "busybox");
        bundle.Linux.NetDevices = devices.ToDictionary(d => d.Name, d => new RuntimeNetDevice { Name = d.Inside });
        return bundle;
    }

    /// <summary>Runs the bundle with outer0 and outer1, and a command after it.</summary>
    private static OciBundle.Output RunIn(OciBundle bundle, string after)
    {
        File.WriteAllBytes(Path.Combine(bundle.Root, "config.json"), JsonSerializer.SerializeToUtf8Bytes(bundle.Config, RuntimeConfigJson.Default.RuntimeConfig));
        string script = $"""
            PATH=$PATH:/usr/sbin:/sbin
            ip link add outer0 type veth peer name outer1 || exit 77
            ip addr add 10.9.8.7/24 dev outer0; ip -6 addr add fd00::7/64 dev outer0
            '{bundle.Runtime}' --root '{bundle.Root}/state' run --bundle '{bundle.Root}' '{bundle.Id}'
            code=$?; echo after; {after}; exit $code
            """;
        OciBundle.Output output = OciBundle.Start("unshare", ["--net", "sh", "-c", script]);
        Assert.SkipWhen(output.ExitCode == 77, "SKIPPED: this kernel has no veth interfaces.");
        return output;
    }
}
