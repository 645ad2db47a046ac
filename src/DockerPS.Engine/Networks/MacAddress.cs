using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace DockerPS.Engine.Networks;

/// <summary>Hardware addresses as text, <c>02:42:ac:11:00:02</c>.</summary>
internal static class MacAddress
{
    /// <summary>One that is locally administered and, within a network, as unique as the address of version 4 that it is made of.</summary>
    public static string Of(IPAddress? address)
    {
        byte[] bytes = [0x02, 0x42, .. address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetwork } four
            ? four.GetAddressBytes()
            : RandomNumberGenerator.GetBytes(4)];
        return Format(bytes);
    }

    /// <summary>One that is locally administered, of a network's id.</summary>
    public static string Of(string id) => Format([0x02, 0x42, .. Convert.FromHexString(id.AsSpan(0, 8))]);

    /// <summary>The six bytes of a text with colons or hyphens.</summary>
    /// <exception cref="DockerArgumentException">InvalidMacAddress.</exception>
    public static string Parse(string text)
    {
        string[] parts = text.Split(':', '-');
        byte[] bytes = new byte[6];
        bool good = parts.Length == 6;
        for (int i = 0; good && i < 6; i++)
            good = parts[i].Length is 1 or 2 && byte.TryParse(parts[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out bytes[i]);
        if (good && (bytes[0] & 1) == 0 && bytes.Any(b => b != 0)) return Format(bytes);
        throw new DockerArgumentException(
            "InvalidMacAddress", $"'{text}' is no hardware address of one interface. Write six bytes as 02:42:ac:11:00:02, the first of them even.", text);
    }

    private static string Format(byte[] bytes) => string.Join(':', bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
