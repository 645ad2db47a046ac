using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DockerPS.Linux;
using DockerPS.Linux.Netfilter;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks.Ports;

/// <summary>
/// The kernel's own way to a published port: one element of a map in our table, by which connections are translated without passing through a
/// process. What comes from this machine's loopback or from a container of ours is not translated: it goes to the relay, which has the same port.
/// </summary>
internal static class PortRules
{
    private const int SmallStack = 64 << 10;

    /// <summary>Translates; false when this kernel or its rules do not allow it, and the relay serves all.</summary>
    /// <param name="port">With the host's port that is held.</param>
    /// <param name="addresses">The container's, whose routes lead back through this machine.</param>
    public static bool Set(SupervisePort port, IReadOnlyList<IPAddress> addresses)
    {
        try
        {
            using NetfilterSocket netfilter = NetfilterSocket.Open();
            // What we accept others may still drop: then only a relay reaches the container.
            if (netfilter.DroppingForwardChain(NetworkRules.Name) is not null) return false;
            foreach ((string map, byte[] key, byte[] value) in Elements(port, addresses)) netfilter.SetElement(NetworkRules.Name, map, key, value);
            if (port.Udp) netfilter.ForgetDatagramsTo(port.HostPort);
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    /// <summary>Translates these no more.</summary>
    public static void Remove(IEnumerable<(SupervisePort Port, IReadOnlyList<IPAddress> Addresses)> translated)
    {
        NetfilterSocket? netfilter = null;
        foreach ((SupervisePort port, IReadOnlyList<IPAddress> addresses) in translated)
        {
            try
            {
                netfilter ??= NetfilterSocket.Open();
                foreach ((string map, byte[] key, byte[] value) in Elements(port, addresses)) netfilter.RemoveElement(NetworkRules.Name, map, key, value);
                if (!port.Udp) continue;
                foreach (IPAddress address in addresses) netfilter.ForgetDatagramsOf(address);
            }
            catch (LinuxException)
            {
                // No rules, nothing to remove.
            }
        }

        // Who closes it waits until the kernel has let go of what was removed (nf_tables' destroy work), and nobody else has to.
        if (netfilter is not null) new Thread(netfilter.Dispose, SmallStack) { IsBackground = true }.Start();
    }

    /// <summary>Names, keys and values as <see cref="NetworkRules"/> declares the maps.</summary>
    private static IEnumerable<(string Map, byte[] Key, byte[] Value)> Elements(SupervisePort port, IReadOnlyList<IPAddress> addresses)
    {
        IPAddress? host = port.HostAddress is null ? null : IPAddress.Parse(port.HostAddress);
        foreach (AddressFamily family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            IPAddress? target = addresses.FirstOrDefault(a => a.AddressFamily == family);
            if (target is null || (host is not null && (host.AddressFamily != family || IPAddress.IsLoopback(host)))) continue;
            string version = family == AddressFamily.InterNetwork ? "4" : "6";
            byte[] key = [port.Udp ? (byte)17 : (byte)6, 0, 0, 0, .. Port(port.HostPort)];
            byte[] value = [.. target.GetAddressBytes(), .. Port(port.Port)];
            bool any = host is null || host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);
            yield return any ? ("ports" + version, key, value) : ("addressports" + version, [.. host!.GetAddressBytes(), .. key], value);
        }
    }

    private static byte[] Port(int port)
    {
        byte[] field = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)port);
        return field;
    }
}
