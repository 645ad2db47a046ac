using System.Net;

namespace DockerPS.Engine.Networks;

/// <summary>Chooses addresses in subnets; a pure function of what is taken.</summary>
internal static class AddressLease
{
    /// <summary>The lowest free address of a subnet's range: neither its first nor (in version 4) its last, which mean the subnet itself and all in it.</summary>
    /// <param name="subnet">The subnet.</param>
    /// <param name="taken">Addresses that others have, in any order.</param>
    /// <returns>Null when there is none.</returns>
    public static IPAddress? Lowest(ContainerNetworkSubnet subnet, IReadOnlySet<string> taken)
    {
        var all = new AddressRange(subnet.Subnet);
        var range = new AddressRange(subnet.Range ?? subnet.Subnet);
        for (UInt128 offset = 0; offset <= range.LastOffset; offset++)
        {
            IPAddress address = range.At(offset);
            if (!IsReserved(all, subnet, address) && !taken.Contains(address.ToString())) return address;
        }

        return null;
    }

    /// <summary>Whether an address is no container's: the subnet itself, the gateway, everybody.</summary>
    public static bool IsReserved(ContainerNetworkSubnet subnet, IPAddress address) => IsReserved(new AddressRange(subnet.Subnet), subnet, address);

    private static bool IsReserved(AddressRange all, ContainerNetworkSubnet subnet, IPAddress address)
    {
        UInt128 offset = all.OffsetOf(address);
        return offset == 0 || (!all.Six && offset == all.LastOffset) || address.Equals(subnet.Gateway);
    }
}
