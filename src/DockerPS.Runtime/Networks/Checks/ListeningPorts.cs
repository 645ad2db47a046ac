using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>A port on which a program takes connections, or datagrams.</summary>
/// <param name="Port">It.</param>
/// <param name="Address">The local address; 0.0.0.0 or :: for all, of which :: mostly takes those of IPv4 too.</param>
internal readonly record struct ListeningPort(int Port, IPAddress Address)
{
    /// <summary>Not reached from outside of the container.</summary>
    public bool OnLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Whether what is sent there comes here.</summary>
    public bool Takes(IPEndPoint target) =>
        Port == target.Port && (Address.Equals(target.Address) || Address.Equals(IPAddress.IPv6Any)
            || (Address.Equals(IPAddress.Any) && target.Address.AddressFamily == Address.AddressFamily));
}

/// <summary>What listens in a process's network namespace (proc_net(5)).</summary>
internal static class ListeningPorts
{
    private const int Listening = 0x0A, Unconnected = 0x07, NameServer = 53;
    private static readonly IPAddress OwnNames = new([127, 0, 0, 11]);

    public static List<ListeningPort> Of(int pid, bool udp)
    {
        string kind = udp ? "udp" : "tcp";
        var ports = new List<ListeningPort>();
        foreach (string file in (ReadOnlySpan<string>)[kind, kind + "6"])
        {
            if (LibC.TryReadFile($"/proc/{pid}/net/{file}", 16 << 20) is not { } text) continue;
            ports.AddRange(Encoding.ASCII.GetString(text).Split('\n').Skip(1).Select(line => Parse(line, udp ? Unconnected : Listening)).OfType<ListeningPort>());
        }

        return ports;
    }

    /// <summary>A line's second field is the local address, in the machine's order of bytes, and port; its fourth the state. Our own name server is nobody's program.</summary>
    internal static ListeningPort? Parse(string line, int state)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4 || !Hex(fields[3], out int found) || found != state) return null;
        int colon = fields[1].IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !Hex(fields[1][(colon + 1)..], out int port)) return null;
        return Address(fields[1][..colon]) is { } address && !(port == NameServer && address.Equals(OwnNames)) ? new ListeningPort(port, address) : null;
    }

    /// <summary>Words of four bytes, each in the machine's order.</summary>
    private static IPAddress? Address(string text)
    {
        if (text.Length is not (8 or 32)) return null;
        Span<uint> words = stackalloc uint[text.Length / 8];
        for (int i = 0; i < words.Length; i++)
        {
            if (!uint.TryParse(text.AsSpan(i * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out words[i])) return null;
        }

        var address = new IPAddress(MemoryMarshal.AsBytes(words));
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static bool Hex(string text, out int value) => int.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
}
