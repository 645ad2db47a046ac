using System.Text;

namespace DockerPS.Engine.Networks;

/// <summary>Lines of hosts(5) that a container is asked to have: <c>name:address</c>, or <c>name:host-gateway</c> for this machine.</summary>
internal static class HostsFile
{
    private const string Gateway = "host-gateway";

    /// <exception cref="DockerArgumentException">InvalidHost.</exception>
    public static void Check(string line) => Split(line);

    /// <param name="lines">As asked for.</param>
    /// <param name="gateway">Address of this machine as the container sees it; null when it sees none.</param>
    /// <exception cref="DockerArgumentException">InvalidHost: this machine has no address there.</exception>
    public static string Write(IReadOnlyList<string> lines, string? gateway)
    {
        var text = new StringBuilder();
        foreach (string line in lines)
        {
            (string name, string address) = Split(line);
            if (address == Gateway)
            {
                address = gateway ?? throw new DockerArgumentException(
                    "InvalidHost", $"'{line}' asks for this machine's address in the container's networks, and it has none. Connect the container to a bridge, or write an address.", line);
            }

            text.Append(address).Append('\t').Append(name).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The address that a name has by such lines; null when none has it.</summary>
    public static string? Find(IReadOnlyList<string> lines, string name, string? gateway)
    {
        string? address = lines.Select(Split).FirstOrDefault(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Address;
        return address == Gateway ? gateway : address;
    }

    private static (string Name, string Address) Split(string line)
    {
        int colon = line.IndexOfAny([':', '=']);
        string name = colon > 0 ? line[..colon] : "", address = line[(colon + 1)..].Trim('[', ']');
        bool good = name.Length > 0 && !name.AsSpan().ContainsAny(" \t\n#") && (address == Gateway || AddressText.IsAddress(address));
        return good ? (name, address) : throw new DockerArgumentException("InvalidHost", $"'{line}' is no line of hosts. Write name:address or name:{Gateway}.", line);
    }
}
