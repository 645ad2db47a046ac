using System.Net;
using DockerPS.Linux;
using DockerPS.Linux.Netfilter;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks;

/// <summary>The bridge of a network, made when the first container comes; it stays until the network is removed.</summary>
internal sealed class Bridge(SuperviseNetwork network, RouteSocket outer, Action<string> warn)
{
    /// <summary>Finds it, with what others may have taken from it since it was made, or makes it.</summary>
    /// <exception cref="LinuxException">EEXIST: another interface has its name.</exception>
    public Link Find()
    {
        if (outer.Find(network.Link) is not { } bridge) return Make();
        if (bridge.Kind != "bridge") throw new LinuxException($"use {network.Link} as a bridge", Errno.EEXIST);
        if (RulesAreGone()) SetRules();
        foreach (string address in network.LinkAddresses) NetworkLinks.Give(outer, bridge.Index, address);
        return bridge;
    }

    private Link Make()
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

    /// <summary>Somebody flushed the ruleset; a network alone does not put back those of others, which do it with their next container.</summary>
    private static bool RulesAreGone()
    {
        try
        {
            using NetfilterSocket netfilter = NetfilterSocket.Open();
            return netfilter.IsMissing(NetworkRules.Name);
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private bool SetRules()
    {
        string? refusal = NetworkRules.Apply(NetworkRules.ForBridge(network));
        if ((refusal ?? (network.Internal ? null : ForeignDrop())) is { } reason)
            warn($"Containers of the network '{network.Name}' reach each other and this machine, but nothing beyond it: {reason}");
        return refusal is null;
    }

    /// <summary>Rules of others are not touched, so what they drop stays dropped.</summary>
    private string? ForeignDrop()
    {
        try
        {
            using NetfilterSocket netfilter = NetfilterSocket.Open();
            return netfilter.DroppingForwardChain(NetworkRules.Name) is not { } chain ? null
                : $"the chain '{chain}' of another firewall drops what it is not told to forward. Allow there what comes from and goes to {network.Link} (Docker: nft insert rule ip filter DOCKER-USER iifname {network.Link} accept, and the same with oifname).";
        }
        catch (LinuxException)
        {
            return null;
        }
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
