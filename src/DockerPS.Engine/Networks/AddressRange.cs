using System.Net;
using System.Net.Sockets;

namespace DockerPS.Engine.Networks;

/// <summary>A subnet as numbers: addresses are offsets from its first one.</summary>
internal readonly record struct AddressRange(UInt128 First, int Prefix, bool Six)
{
    public AddressRange(IPNetwork network)
        : this(Number(network.BaseAddress), network.PrefixLength, network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
    {
    }

    private int Bits => Six ? 128 : 32;

    /// <summary>The last address, counted from the first.</summary>
    public UInt128 LastOffset => Prefix == 0 && Six ? UInt128.MaxValue : (UInt128.One << (Bits - Prefix)) - 1;

    public bool Contains(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetworkV6) == Six && Number(address) >= First && Number(address) - First <= LastOffset;

    public bool Overlaps(AddressRange other) =>
        Six == other.Six && First <= other.First + other.LastOffset && other.First <= First + LastOffset;

    /// <summary>The address at an offset from the first.</summary>
    public IPAddress At(UInt128 offset)
    {
        UInt128 value = First + offset;
        byte[] bytes = new byte[Bits / 8];
        for (int i = bytes.Length - 1; i >= 0; i--, value >>= 8) bytes[i] = (byte)value;
        return new IPAddress(bytes);
    }

    public UInt128 OffsetOf(IPAddress address) => Number(address) - First;

    private static UInt128 Number(IPAddress address)
    {
        UInt128 value = 0;
        foreach (byte part in address.GetAddressBytes()) value = (value << 8) | part;
        return value;
    }
}
