using System.Net;
using DockerPS.Engine;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Networks.Checks;
using DockerPS.Runtime.Networks.Faults;
using Xunit;

namespace DockerPS.Units.Networks;

/// <summary>Faults as requests, rules and values; what tests of networks read.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("10Mbit", 10_000_000, "10Mbit")]
    [InlineData("10mbit/s", 10_000_000, "10Mbit")]
    [InlineData("1.5 Gbit", 1_500_000_000, "1.5Gbit")]
    [InlineData("512kbit", 512_000, "512kbit")]
    [InlineData("8kibit", 8192, "8.19kbit")]
    [InlineData("100bit", 100, "100bit")]
    [InlineData("1MB", 8_388_608, "8.39Mbit")]
    [InlineData("64k", 524_288, "524.29kbit")]
    [InlineData("1000", 8000, "8kbit")]
    [InlineData("0", 0, "0bit")]
    public void Rates_are_bits_and_bytes(string text, long bits, string shown)
    {
        Assert.Equal(bits, BitRate.Parse(text).BitsPerSecond);
        Assert.Equal(shown, new BitRate(bits).ToString());
    }

    [Theory]
    [InlineData("10Mbps")]
    [InlineData("fast")]
    [InlineData("bit")]
    [InlineData("-1MB")]
    [InlineData("-5Mbit")]
    [InlineData("10Xbit")]
    [InlineData("99999999999Tbit")]
    [InlineData("")]
    public void What_may_be_either_or_neither_is_no_rate(string text) => Assert.Throws<FormatException>(() => BitRate.Parse(text));

    public static TheoryData<NetworkFaultRequest, string> Bad => new()
    {
        { new NetworkFaultRequest(), "FaultMissing" },
        { new NetworkFaultRequest { For = TimeSpan.FromSeconds(1) }, "FaultMissing" },
        { new NetworkFaultRequest { Jitter = TimeSpan.FromMilliseconds(1) }, "InvalidJitter" },
        { new NetworkFaultRequest { Loss = 1.5 }, "InvalidLoss" },
        { new NetworkFaultRequest { Loss = double.NaN }, "InvalidLoss" },
        { new NetworkFaultRequest { Latency = TimeSpan.FromDays(1) }, "InvalidLatency" },
        { new NetworkFaultRequest { Loss = 0.1, For = TimeSpan.Zero }, "InvalidDuration" },
        { new NetworkFaultRequest { Loss = 0.1, For = TimeSpan.MaxValue }, "InvalidDuration" },
        { new NetworkFaultRequest { Loss = 0.1, Rate = new BitRate(1), Peers = ["web"] }, "PeerNotSupported" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_makes_no_sense_is_refused(NetworkFaultRequest request, string error) =>
        Assert.Equal(error, Assert.Throws<DockerArgumentException>(() => FaultPlan.Check(request)).ErrorId);

    [Fact]
    public void A_request_is_a_fault_of_each_kind_in_each_network()
    {
        var request = new NetworkFaultRequest
        {
            Rate = new BitRate(8000), Loss = 0.05, Partition = false, Latency = TimeSpan.FromMilliseconds(200), Jitter = TimeSpan.FromMilliseconds(20), For = TimeSpan.FromSeconds(30),
        };
        List<SuperviseFault> faults = FaultPlan.Of(request, [new FaultScope("back", []), new FaultScope("front", [])]);
        Assert.Equal(8, faults.Count);
        Assert.Equal([8000, 50_000, 0, 200_000], faults.Where(f => f.Network == "front").Select(f => f.Value));
        Assert.All(faults, f => Assert.Equal(30_000, f.Duration));
        Assert.Equal(20_000, faults[3].Jitter);
        Assert.Equal(["8kbit", "5%", "", "200ms ± 20ms"], faults.Take(4).Select(f => FaultPlan.ToFault(f, "web", "id").Value));
        Assert.All(FaultPlan.Of(new NetworkFaultRequest { Reset = true }, [new FaultScope("back", [])]), f => Assert.Equal(0, f.Value));
    }

    [Fact]
    public void Rules_stand_at_the_interface_and_name_the_peers()
    {
        var loss = new SuperviseFault { Network = "back", Kind = FaultKinds.Loss, Value = 50_000, PeerAddresses = ["10.1.0.2", "10.1.0.3", "fd00::2"] };
        var partition = new SuperviseFault { Network = "back", Kind = FaultKinds.Partition, Value = 1 };
        string rules = FaultRules.Commands([("eth0", loss), ("eth0", partition)], atInterfaces: true);
        Assert.Contains("hook ingress device \"eth0\"", rules);
        Assert.Contains("hook egress device \"eth0\"", rules);
        Assert.Contains("out-eth0 ip daddr { 10.1.0.2, 10.1.0.3 } numgen random mod 1000000 < 50000 drop", rules);
        Assert.Contains("in-eth0 ip6 saddr { fd00::2 } numgen random mod 1000000 < 50000 drop", rules);
        Assert.Contains("in-eth0 meta protocol { ip, ip6 } drop", rules);
        Assert.StartsWith("add table netdev dockerps-faults\ndelete table netdev dockerps-faults\n", rules);
        Assert.Equal(2, FaultRules.Commands([], atInterfaces: true).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        string older = FaultRules.Commands([("eth0", partition)], atInterfaces: false);
        Assert.Contains("out-eth0 oifname \"eth0\" drop", older);
        Assert.Contains("hook output", older);
    }

    [Fact]
    public void An_answers_addresses_are_found_behind_other_records()
    {
        byte[] query = NameQuery.Query("www.example", 1);
        byte[] answer =
        [
            .. query,
            0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 1, 0, 6, 3, (byte)'c', (byte)'d', (byte)'n', 0xC0, 16,
            0xC0, 29, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 55,
        ];
        answer[7] = 2;
        Assert.Equal([IPAddress.Parse("192.0.2.55")], NameQuery.Addresses(answer, 1));
        // What is cut short is read as far as it goes.
        for (int length = 12; length < answer.Length; length++) NameQuery.Addresses(answer.AsSpan(0, length), 1);
    }

    [Theory]
    [InlineData("   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000", "0.0.0.0", 80)]
    [InlineData("   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000", "127.0.0.1", 8080)]
    [InlineData("   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0", "::1", 22)]
    [InlineData("   3: B80D01200000000000000000050A0000:0016 00000000000000000000000000000000:0000 0A 0", "2001:db8::a05", 22)]
    [InlineData("   4: 0000000000000000FFFF00000200110A:0016 00000000000000000000000000000000:0000 0A 0", "10.17.0.2", 22)]
    [InlineData("   5: 0B00007F:0035 00000000:0000 0A 00000000:00000000", null, 0)]
    [InlineData("   6: 0200110A:0050 0300110A:A001 01 00000000:00000000", null, 0)]
    [InlineData("   7: 0200110:0050 00000000:0000 0A 00000000:00000000", null, 0)]
    [InlineData("nothing", null, 0)]
    public void Ports_that_listen_are_read(string line, string? address, int port) =>
        Assert.Equal(address is null ? null : new ListeningPort(port, IPAddress.Parse(address)), ListeningPorts.Parse(line, 0x0A));

    [Theory]
    [InlineData("0.0.0.0", "10.1.0.2", true)]
    [InlineData("0.0.0.0", "fd00::2", false)]
    [InlineData("::", "fd00::2", true)]
    [InlineData("::", "10.1.0.2", true)]
    [InlineData("10.1.0.2", "10.1.0.2", true)]
    [InlineData("10.1.0.3", "10.1.0.2", false)]
    [InlineData("127.0.0.1", "10.1.0.2", false)]
    public void A_port_takes_what_comes_to_its_address(string listening, string target, bool takes)
    {
        var port = new ListeningPort(80, IPAddress.Parse(listening));
        Assert.Equal(takes, port.Takes(new IPEndPoint(IPAddress.Parse(target), 80)));
        Assert.False(port.Takes(new IPEndPoint(IPAddress.Parse(target), 81)));
    }
}
