using System.Globalization;
using System.Net;

namespace DockerPS.Engine.Networks;

/// <summary>Subnets that the host itself has routes to (/proc/net/route and /proc/net/ipv6_route): no network may take them from it.</summary>
internal static class HostRoutes
{
    public static List<IPNetwork> Read() => [.. Parse(Lines("/proc/net/route"), Version4), .. Parse(Lines("/proc/net/ipv6_route"), Version6)];

    /// <summary>Interface, destination and mask as hexadecimal numbers in the machine's order of bytes; the default route leads everywhere and takes nothing.</summary>
    internal static IPNetwork? Version4(string line)
    {
        string[] fields = line.Split('\t', StringSplitOptions.TrimEntries);
        if (fields.Length < 8 || !Hex(fields[1], out uint destination) || !Hex(fields[7], out uint mask) || mask == 0) return null;
        return new IPNetwork(new IPAddress(BitConverter.GetBytes(destination)), System.Numerics.BitOperations.PopCount(mask));
    }

    /// <summary>Destination and length of its prefix in hexadecimal; link-local and multicast addresses are every link's own.</summary>
    internal static IPNetwork? Version6(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10 || fields[0].Length != 32 || !Hex(fields[1], out uint prefix) || prefix is 0 or > 127 || fields[9] == "lo") return null;
        var address = new IPAddress(Convert.FromHexString(fields[0]));
        return address.IsIPv6LinkLocal || address.IsIPv6Multicast ? null : new IPNetwork(address, (int)prefix);
    }

    private static IEnumerable<IPNetwork> Parse(string[] lines, Func<string, IPNetwork?> parse) => lines.Select(parse).OfType<IPNetwork>();

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static bool Hex(string text, out uint value) => uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
}
