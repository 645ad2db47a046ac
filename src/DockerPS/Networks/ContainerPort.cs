using System.Globalization;
using System.Net;

namespace DockerPS;

/// <summary>Kinds of port.</summary>
public enum ContainerPortProtocol
{
    Tcp,
    Udp,
}

/// <summary>
/// A port of a container that this machine publishes. Converts from Docker's text: <c>8080:80</c>, <c>127.0.0.1:8080:80/udp</c>, <c>[::1]:8080:80</c>,
/// <c>80</c> for a free port, <c>8000-8010:80</c> for a free one of a range, ranges <c>8000-8003:80-83</c>.
/// </summary>
public sealed record ContainerPort
{
    /// <summary>This machine's address; null is all, of both versions.</summary>
    public string? HostAddress { get; init; }

    /// <summary>This machine's port; 0 is a free one, chosen at each start.</summary>
    public int HostPort { get; init; }

    /// <summary>The last of a range that begins with <see cref="HostPort"/> and of which a free one is chosen at each start; 0 is no range.</summary>
    public int HostPortEnd { get; init; }

    /// <summary>The container's port.</summary>
    public int Port { get; init; }

    public ContainerPortProtocol Protocol { get; init; }

    /// <summary>Parses one text; a range is several ports.</summary>
    /// <exception cref="FormatException">It is none; the message says how to write it.</exception>
    public static IReadOnlyList<ContainerPort> Parse(string text)
    {
        string rest = text.Trim();
        ContainerPortProtocol protocol = default;
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!Enum.TryParse(rest[(slash + 1)..], ignoreCase: true, out protocol) || char.IsAsciiDigit(rest[^1])) throw Wrong(text, "its protocol is neither tcp nor udp");
            rest = rest[..slash];
        }

        int last = rest.LastIndexOf(':');
        (int First, int Last) inside = Range(text, rest[(last + 1)..]);
        if (inside.First == 0) throw Wrong(text, "the container's port is missing");
        string host = last < 0 ? "" : rest[..last];
        int colon = host.LastIndexOf(':');
        bool bracket = host.EndsWith(']');
        string? address = bracket ? host : colon >= 0 ? host[..colon] : null;
        string port = bracket ? "" : host[(colon + 1)..];
        if (address is not null && !IPAddress.TryParse(address.Trim('[', ']'), out _)) throw Wrong(text, $"'{address}' is no address of this machine");
        (int First, int Last) outside = port.Length == 0 ? (0, 0) : Range(text, port);
        int count = inside.Last - inside.First + 1;
        bool choice = outside.First != 0 && count == 1 && outside.Last > outside.First;
        if (outside.First != 0 && !choice && outside.Last - outside.First + 1 != count) throw Wrong(text, "the two ranges have different lengths");
        return
        [
            .. Enumerable.Range(0, count).Select(i => new ContainerPort
            {
                HostAddress = address?.Trim('[', ']'), HostPort = outside.First == 0 ? 0 : outside.First + i, HostPortEnd = choice ? outside.Last : 0,
                Port = inside.First + i, Protocol = protocol,
            }),
        ];
    }

    /// <summary>As docker ps writes it: <c>0.0.0.0:8080-&gt;80/tcp</c>.</summary>
    public override string ToString()
    {
        string address = HostAddress is null ? "0.0.0.0" : HostAddress.Contains(':', StringComparison.Ordinal) ? $"[{HostAddress}]" : HostAddress;
        string end = HostPortEnd > 0 ? string.Create(CultureInfo.InvariantCulture, $"-{HostPortEnd}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{address}:{HostPort}{end}->{Port}/{(Protocol == ContainerPortProtocol.Tcp ? "tcp" : "udp")}");
    }

    private static (int First, int Last) Range(string text, string range)
    {
        string[] ends = range.Split('-');
        if (ends.Length > 2 || !Number(ends[0], out int first) || !Number(ends[^1], out int last) || last < first || (first == 0 && last > 0))
            throw Wrong(text, $"'{range}' is no port and no range of ports");
        return (first, last);
    }

    private static bool Number(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;

    private static FormatException Wrong(string text, string why) =>
        new($"'{text}' cannot be published: {why}. Write HOSTPORT:PORT, ADDRESS:HOSTPORT:PORT/udp, a range of each, or PORT alone for a free port.");
}
