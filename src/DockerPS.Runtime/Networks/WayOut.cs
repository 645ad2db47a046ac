using System.Net;
using System.Net.Sockets;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks;

/// <summary>A default route of a container: the first of its networks that has a gateway of a version has it, whatever comes after or goes.</summary>
/// <param name="Network">Whose interface it leaves by.</param>
/// <param name="Gateway">Where to.</param>
internal readonly record struct WayOut(SuperviseNetwork Network, IPAddress Gateway)
{
    /// <summary>One for each version of the protocol at most.</summary>
    /// <param name="connected">In the order of their connection.</param>
    public static List<WayOut> Of(IEnumerable<SuperviseNetwork> connected) =>
        [.. connected.SelectMany(network => network.Gateways, (network, gateway) => new WayOut(network, IPAddress.Parse(gateway))).DistinctBy(way => way.Family)];

    public AddressFamily Family => Gateway.AddressFamily;
}
