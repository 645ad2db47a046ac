namespace DockerPS.Linux.Netlink;

/// <summary>A network interface.</summary>
/// <param name="Index">Its number in its network namespace.</param>
/// <param name="Name">Its name there, at most 15 bytes.</param>
/// <param name="Kind">What made it (<c>bridge veth macvlan</c>); empty for hardware.</param>
/// <param name="Master">Number of the bridge that it is a port of; 0 when of none.</param>
/// <param name="Up">It is switched on.</param>
public readonly record struct Link(int Index, string Name, string Kind = "", int Master = 0, bool Up = false);

/// <summary>An interface to be made.</summary>
/// <param name="Name">At most 15 bytes.</param>
public sealed record NewLink(string Name)
{
    /// <summary>Hardware address of six bytes; null lets the kernel choose.</summary>
    public byte[]? Address { get; init; }

    /// <summary>Bytes of its largest packet; 0 takes the kernel's.</summary>
    public int Mtu { get; init; }

    /// <summary>Number of the bridge that it becomes a port of; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>Whether it is up from the beginning.</summary>
    public bool Up { get; init; }

    /// <summary>Descriptor of the network namespace in which it is made; -1 is the socket's.</summary>
    public int Namespace { get; init; } = -1;
}

/// <summary>How interfaces on one parent see each other (MACVLAN_MODE_…).</summary>
public enum MacvlanMode
{
    Private = 1,
    Vepa = 2,
    Bridge = 4,
    Passthru = 8,
}

/// <summary>Who routes between interfaces on one parent (IPVLAN_MODE_…).</summary>
public enum IpvlanMode : ushort
{
    L2 = 0,
    L3 = 1,

    /// <summary>As L3, and seen by the parent's connection tracking.</summary>
    L3S = 2,
}
