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
    /// <summary>Repeatable: rules are written anew in the same transaction, elements stay.</summary>
    private const string Table = """
        add table inet dockerps
        add set inet dockerps bridges { type ifname; }
        add set inet dockerps same { type ifname . ifname; }
        add set inet dockerps open { type ifname; }
        add set inet dockerps sources4 { type ipv4_addr; flags interval; }
        add set inet dockerps sources6 { type ipv6_addr; flags interval; }
        add chain inet dockerps forward { type filter hook forward priority filter; policy accept; }
        add chain inet dockerps postrouting { type nat hook postrouting priority srcnat; policy accept; }
        flush chain inet dockerps forward
        flush chain inet dockerps postrouting
        add rule inet dockerps forward ct state established,related accept
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
        Commands.SetNetworkRules.Missing => "libnftables is not installed. Install it (Debian: apt install libnftables1) and remove and create the network again.",
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
