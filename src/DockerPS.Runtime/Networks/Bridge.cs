using System.Net;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks;

/// <summary>The bridge of a network, made when the first container comes; it stays until the network is removed.</summary>
internal sealed class Bridge(SuperviseNetwork network, RouteSocket outer, Action<string> warn)
{
    public Link Make()
    {
        try
        {
            outer.AddBridge(new NewLink(network.Link) { Mtu = network.Mtu, Address = NetworkLinks.Bytes(network.LinkMacAddress) });
        }
        catch (LinuxException e) when (e.Number == Errno.EEXIST)
        {
            // Another container of the network was quicker. What follows may be done twice.
        }

        Link bridge = outer.Find(network.Link) ?? throw new LinuxException($"find {network.Link}", Errno.ENODEV);
        // Rules come first: a machine that forwards must not for a moment connect networks that are to be apart.
        bool ruled = SetRules();
        foreach (string address in network.LinkAddresses) NetworkLinks.Give(outer, bridge.Index, address);
        outer.SetUp(bridge.Index);
        if (ruled && !network.Internal) Forward();
        return bridge;
    }

    private bool SetRules()
    {
        string? refusal = NetworkRules.Apply(NetworkRules.ForBridge(network));
        if (refusal is null) return true;
        warn($"Containers of the network '{network.Name}' reach each other and this machine, but nothing beyond it: {refusal}");
        return false;
    }

    /// <summary>Routing between interfaces, as every container engine turns it on.</summary>
    private void Forward()
    {
        TurnOn("/proc/sys/net/ipv4/ip_forward");
        if (network.LinkAddresses.Exists(a => a.Contains(':', StringComparison.Ordinal))) TurnOn("/proc/sys/net/ipv6/conf/all/forwarding");
    }

    private void TurnOn(string path)
    {
        int file = -1;
        try
        {
            file = LibC.Open(path, LibC.O_WRONLY);
            LibC.WriteAll(file, "1"u8);
        }
        catch (LinuxException e)
        {
            warn($"Containers of the network '{network.Name}' reach nothing beyond this machine, which does not forward: {path}: {e.Message}");
        }
        finally
        {
            LibC.Close(ref file);
        }
    }
}
