using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Commands;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Faults;

/// <summary>
/// Loss and partition, as one table of nft(8) in the container's own network namespace. Its chains stand at the interfaces, where a packet that
/// is dropped is lost in silence, as on a cable; older kernels have none for what leaves, and there a program may be told that it cannot send. What
/// goes over loopback, the name server with it, comes by neither.
/// </summary>
/// <param name="pid">A process in the namespace.</param>
internal sealed class FaultRules(int pid)
{
    private const int Million = 1_000_000;

    /// <summary>Which of the two ways was taken.</summary>
    private bool _atInterfaces = true;

    /// <summary>Whether a fault is made by rules.</summary>
    public static bool Makes(SuperviseFault fault) => fault.Kind is FaultKinds.Loss or FaultKinds.Partition;

    /// <summary>Replaces all of them.</summary>
    /// <param name="faults">Each with the interface of its network.</param>
    /// <exception cref="RuntimeFailureException">The library is not there, or the kernel refuses.</exception>
    public void Set(IReadOnlyList<(string Interface, SuperviseFault Fault)> faults)
    {
        int inside = -1;
        try
        {
            inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
            int code = Run(inside, Commands(faults, _atInterfaces));
            if (code is not (0 or SetNetworkRules.Missing) && _atInterfaces && Run(inside, Commands(faults, atInterfaces: false)) == 0)
                (_atInterfaces, code) = (false, 0);
            if (code == 0) return;
            throw new RuntimeFailureException(
                RuntimeStages.FaultRules, code == SetNetworkRules.Missing ? "libnftables is not installed." : "This kernel refuses nftables' rules.", "nft",
                code == SetNetworkRules.Missing ? Errno.ENOENT : Errno.EOPNOTSUPP);
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Network, e);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    /// <summary>Commands that replace the table; without faults none is left.</summary>
    /// <param name="faults">Each with the interface of its network.</param>
    /// <param name="atInterfaces">By chains at the interfaces, else by those of the protocols.</param>
    internal static string Commands(IReadOnlyList<(string Interface, SuperviseFault Fault)> faults, bool atInterfaces)
    {
        string table = atInterfaces ? "netdev dockerps-faults" : "inet dockerps-faults";
        var text = new StringBuilder($"add table {table}\ndelete table {table}\n");
        if (faults.Count == 0) return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $"add table {table}\n");
        foreach (IGrouping<string, SuperviseFault> link in faults.GroupBy(f => f.Interface, f => f.Fault))
        {
            foreach (bool leaving in (ReadOnlySpan<bool>)[false, true])
            {
                string chain = $"{table} {(leaving ? "out" : "in")}-{link.Key}";
                string hook = (atInterfaces, leaving) switch
                {
                    (true, false) => $"ingress device \"{link.Key}\"",
                    (true, true) => $"egress device \"{link.Key}\"",
                    (false, false) => "input",
                    (false, true) => "output",
                };
                string match = atInterfaces ? "" : $"{(leaving ? "oifname" : "iifname")} \"{link.Key}\" ";
                text.Append(CultureInfo.InvariantCulture, $"add chain {chain} {{ type filter hook {hook} priority 0; policy accept; }}\n");
                // Neighbours stay known, as in version 4: a partition is silence, and not a machine that is not there.
                text.Append(CultureInfo.InvariantCulture, $"add rule {chain} {match}icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept\n");
                foreach (SuperviseFault fault in link.OrderByDescending(f => f.Kind == FaultKinds.Partition))
                    foreach (string packets in Packets(fault, leaving, atInterfaces))
                        text.Append(CultureInfo.InvariantCulture, $"add rule {chain} {match}{packets}{Chance(fault)}drop\n");
            }
        }

        return text.ToString();
    }

    /// <summary>All packets of both versions, or those from or to some.</summary>
    private static IEnumerable<string> Packets(SuperviseFault fault, bool leaving, bool atInterfaces)
    {
        if (fault.PeerAddresses.Count == 0)
        {
            yield return atInterfaces ? "meta protocol { ip, ip6 } " : "";
            yield break;
        }

        string end = leaving ? "daddr" : "saddr";
        foreach (IGrouping<bool, string> version in fault.PeerAddresses.GroupBy(a => a.Contains(':', StringComparison.Ordinal)))
            yield return $"{(version.Key ? "ip6" : "ip")} {end} {{ {string.Join(", ", version)} }} ";
    }

    private static string Chance(SuperviseFault fault) => fault.Kind == FaultKinds.Partition || fault.Value >= Million
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"numgen random mod {Million} < {fault.Value} ");

    /// <summary>In a process of its own, which is born in the container's network namespace.</summary>
    private static int Run(int inside, string commands) =>
        NetworkNamespace.Open(inside, () => LibC.RunProgram("/proc/self/exe", ["dockerps-runtime", "network-rules", commands]));
}
