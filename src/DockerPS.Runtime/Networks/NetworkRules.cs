using System.Globalization;
using System.Net;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks;

/// <summary>
/// The one table of ours, <c>inet dockerps</c>, as commands of nft(8). Rules are fixed; networks are elements of sets, so that lookup does not grow
/// with their number. Tables of others are not touched.
/// </summary>
internal static class NetworkRules
{
    /// <summary>Name of the table, of the family inet.</summary>
    public const string Name = "dockerps";

    /// <summary>Repeatable: rules are written anew in the same transaction, elements stay. Elements of the maps are <see cref="Ports.PortRules"/>'s.</summary>
    private const string Table = """
        add table inet dockerps
        add set inet dockerps bridges { type ifname; }
        add set inet dockerps same { type ifname . ifname; }
        add set inet dockerps open { type ifname; }
        add set inet dockerps sources4 { type ipv4_addr; flags interval; }
        add set inet dockerps sources6 { type ipv6_addr; flags interval; }
        add map inet dockerps ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
        add map inet dockerps ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
        add map inet dockerps addressports4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
        add map inet dockerps addressports6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
        add chain inet dockerps prerouting { type nat hook prerouting priority dstnat; policy accept; }
        add chain inet dockerps output { type nat hook output priority -100; policy accept; }
        add chain inet dockerps translate
        add chain inet dockerps forward { type filter hook forward priority filter; policy accept; }
        add chain inet dockerps postrouting { type nat hook postrouting priority srcnat; policy accept; }
        flush chain inet dockerps prerouting
        flush chain inet dockerps output
        flush chain inet dockerps translate
        flush chain inet dockerps forward
        add rule inet dockerps prerouting iifname != @bridges fib daddr type local jump translate
        add rule inet dockerps output oifname lo ip daddr != 127.0.0.0/8 fib daddr type local jump translate
        add rule inet dockerps output oifname lo ip6 daddr != ::1 fib daddr type local jump translate
        add rule inet dockerps translate dnat ip to ip daddr . meta l4proto . th dport map @addressports4
        add rule inet dockerps translate dnat ip to meta l4proto . th dport map @ports4
        add rule inet dockerps translate dnat ip6 to ip6 daddr . meta l4proto . th dport map @addressports6
        add rule inet dockerps translate dnat ip6 to meta l4proto . th dport map @ports6
        flush chain inet dockerps postrouting
        add rule inet dockerps forward ct state established,related accept
        add rule inet dockerps forward oifname @bridges ct status dnat accept
        add rule inet dockerps forward iifname . oifname @same accept
        add rule inet dockerps forward iifname @open oifname @open accept
        add rule inet dockerps forward iifname @bridges ip saddr != @sources4 meta nfproto ipv4 drop
        add rule inet dockerps forward iifname @bridges ip6 saddr != @sources6 meta nfproto ipv6 drop
        add rule inet dockerps forward oifname @bridges drop
        add rule inet dockerps postrouting oifname != @bridges ip saddr @sources4 masquerade
        add rule inet dockerps postrouting oifname != @bridges ip6 saddr @sources6 masquerade

        """;

    /// <summary>The table, and in it a bridge. What comes from a network without a way out has no source that may pass.</summary>
    public static string ForBridge(SuperviseNetwork network)
    {
        var text = new StringBuilder(Table);
        Add("bridges", $"\"{network.Link}\"");
        Add("same", $"\"{network.Link}\" . \"{network.Link}\"");
        if (!network.Isolated) Add("open", $"\"{network.Link}\"");
        if (network.Internal) return text.ToString();
        foreach (string address in network.LinkAddresses)
        {
            IPNetwork subnet = Subnet(address);
            Add(subnet.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "sources6" : "sources4", subnet.ToString());
        }

        return text.ToString();

        void Add(string set, string element) => text.Append(CultureInfo.InvariantCulture, $"add element inet dockerps {set} {{ {element} }}\n");
    }

    /// <summary>In a container's namespace: leads what asks for names to where its name server listens.</summary>
    public static string ForNames(IPAddress server, int datagrams, int streams) => string.Create(CultureInfo.InvariantCulture, $$"""
        add table ip dockerps-names
        add chain ip dockerps-names output { type nat hook output priority -100; policy accept; }
        add rule ip dockerps-names output ip daddr {{server}} udp dport 53 dnat to {{server}}:{{datagrams}}
        add rule ip dockerps-names output ip daddr {{server}} tcp dport 53 dnat to {{server}}:{{streams}}

        """);

    /// <summary>Takes a bridge out of the table; each command may find nothing to take.</summary>
    public static IEnumerable<string> WithoutBridge(SuperviseNetwork network)
    {
        yield return $"delete element inet dockerps bridges {{ \"{network.Link}\" }}\n";
        yield return $"delete element inet dockerps same {{ \"{network.Link}\" . \"{network.Link}\" }}\n";
        if (!network.Isolated) yield return $"delete element inet dockerps open {{ \"{network.Link}\" }}\n";
        foreach (string address in network.Internal ? [] : network.LinkAddresses)
        {
            string set = address.Contains(':', StringComparison.Ordinal) ? "sources6" : "sources4";
            yield return $"delete element inet dockerps {set} {{ {Subnet(address)} }}\n";
        }
    }

    /// <summary>
    /// Runs commands in a process of its own, for the library is larger than a supervisor. Returns null, or why they were refused, with what to do.
    /// </summary>
    public static string? Apply(string commands) => LibC.RunProgram("/proc/self/exe", ["dockerps-runtime", "network-rules", commands]) switch
    {
        0 => null,
        Commands.SetNetworkRules.Missing => "libnftables is not installed. Install it (Debian: apt install libnftables1); the next container that starts in the network then makes the rules.",
        _ => "this kernel refuses nftables' rules.",
    };

    private static IPNetwork Subnet(string address)
    {
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        byte[] bytes = IPAddress.Parse(address.AsSpan(0, slash)).GetAddressBytes();
        int prefix = int.Parse(address.AsSpan(slash + 1), CultureInfo.InvariantCulture);
        for (int bit = prefix; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
