namespace DockerPS.Oci.Bundle;

/// <summary>A network of a container: one interface inside, and what of the host it is connected to.</summary>
public sealed class SuperviseNetwork
{
    /// <summary>Name of the network, for messages.</summary>
    public required string Name { get; set; }

    /// <summary><c>bridge</c>, <c>macvlan</c> or <c>ipvlan</c>.</summary>
    public required string Driver { get; set; }

    /// <summary>The host's interface: the bridge, which is made when it is missing, or the parent of a macvlan or ipvlan, which must be there.</summary>
    public required string Link { get; set; }

    /// <summary>Hardware address of the bridge; null leaves it to the kernel, which takes the lowest of its ports'.</summary>
    public string? LinkMacAddress { get; set; }

    /// <summary>VLAN of the parent; 0 is none.</summary>
    public int Vlan { get; set; }

    /// <summary>How macvlans or ipvlans of one parent see each other.</summary>
    public string? Mode { get; set; }

    /// <summary>0 is the kernel's.</summary>
    public int Mtu { get; set; }

    /// <summary>The bridge's own addresses with their prefixes (<c>10.1.0.1/24</c>).</summary>
    public List<string> LinkAddresses { get; set; } = [];

    /// <summary>The container's addresses with their prefixes.</summary>
    public List<string> Addresses { get; set; } = [];

    /// <summary><c>02:42:0a:01:00:02</c>.</summary>
    public required string MacAddress { get; set; }

    /// <summary>Name of the interface inside.</summary>
    public required string Interface { get; set; }

    /// <summary>Name of the cable's other end, on the host.</summary>
    public string HostInterface { get; set; } = "";

    /// <summary>Directory in which the network's containers say how they are known; null serves no names.</summary>
    public string? NamesDirectory { get; set; }

    /// <summary>How the container is known there: its name first.</summary>
    public List<string> Names { get; set; } = [];

    /// <summary>Ways out, one for each version at most. Of several networks the first with one has the container's default route.</summary>
    public List<string> Gateways { get; set; } = [];

    /// <summary>No way leads out.</summary>
    public bool Internal { get; set; }

    /// <summary>Other networks are not reached, nor reach it.</summary>
    public bool Isolated { get; set; } = true;
}
