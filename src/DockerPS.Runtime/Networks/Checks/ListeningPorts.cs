using System.Globalization;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>A port on which a program takes connections, or datagrams.</summary>
/// <param name="Port">It.</param>
/// <param name="OnLoopback">Not reached from outside of the container.</param>
internal readonly record struct ListeningPort(int Port, bool OnLoopback);

/// <summary>What listens in a process's network namespace (proc_net(5)).</summary>
internal static class ListeningPorts
{
    private const int Listening = 0x0A, Unconnected = 0x07, NameServer = 53;

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
        string address = fields[1][..colon];
        bool loopback = address.Length == 8 ? address.EndsWith("7F", StringComparison.Ordinal) : address == "00000000000000000000000001000000";
        return port == NameServer && address == "0B00007F" ? null : new ListeningPort(port, loopback);
    }

    private static bool Hex(string text, out int value) => int.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
}
