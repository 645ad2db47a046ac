using System.Net;

namespace DockerPS.Engine.Networks;

/// <summary>Where networks that name no subnet get one: Docker's default pools, and for version 6 unique local addresses (RFC 4193).</summary>
internal static class AddressPools
{
    private static readonly (IPNetwork Pool, int Prefix)[] Version4 =
    [
        (IPNetwork.Parse("172.16.0.0/12"), 16),
        (IPNetwork.Parse("192.168.0.0/16"), 20),
        (IPNetwork.Parse("10.128.0.0/9"), 20),
    ];

    /// <summary>The first subnet that overlaps none of these, or null when the pools are exhausted.</summary>
    public static IPNetwork? Free(IReadOnlyList<IPNetwork> taken)
    {
        AddressRange[] others = [.. taken.Select(network => new AddressRange(network))];
        foreach ((IPNetwork pool, int prefix) in Version4)
        {
            var range = new AddressRange(pool);
            UInt128 step = UInt128.One << (32 - prefix);
            // 172.16 is what many machines' own networks have: Docker begins behind it, too.
            for (UInt128 offset = pool.PrefixLength == 12 ? step : 0; offset <= range.LastOffset; offset += step)
            {
                var candidate = new IPNetwork(range.At(offset), prefix);
                if (!others.Any(new AddressRange(candidate).Overlaps)) return candidate;
            }
        }

        return null;
    }

    /// <summary>A subnet of version 6 that is this network's alone, made of its id.</summary>
    public static IPNetwork Local(string id)
    {
        byte[] bytes = new byte[16];
        bytes[0] = 0xFD;
        Convert.FromHexString(id.AsSpan(0, 14)).CopyTo(bytes.AsSpan(1));
        return new IPNetwork(new IPAddress(bytes), 64);
    }
}
