using System.Net;
using System.Text;

namespace DockerPS.Engine.Networks;

/// <summary>resolv.conf(5).</summary>
internal sealed record ResolvConf
{
    /// <summary>Addresses of the container's own name server.</summary>
    private const string Own = "127.0.0.11";

    public IReadOnlyList<string> Servers { get; init; } = [];
    public IReadOnlyList<string> Search { get; init; } = [];
    public IReadOnlyList<string> Options { get; init; } = [];

    public static ResolvConf OfHost() => Parse(File.Exists("/etc/resolv.conf") ? File.ReadAllLines("/etc/resolv.conf") : []);

    public static ResolvConf Parse(IEnumerable<string> lines)
    {
        List<string> servers = [], search = [], options = [];
        foreach (string line in lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            switch (words[0])
            {
                case "nameserver" when IPAddress.TryParse(words[1], out IPAddress? server):
                    servers.Add(server.ToString());
                    break;
                case "search" or "domain":
                    search = [.. words[1..]];
                    break;
                case "options":
                    options.AddRange(words[1..]);
                    break;
            }
        }

        return new ResolvConf { Servers = servers, Search = search, Options = options };
    }

    /// <summary>With what the container was asked to have instead; a search of <c>.</c> is none.</summary>
    public ResolvConf With(ContainerSpec spec) => new()
    {
        Servers = spec.Dns.Count > 0 ? spec.Dns : Servers,
        Search = spec.DnsSearch.Count == 0 ? Search : [.. spec.DnsSearch.Where(domain => domain != ".")],
        Options = spec.DnsOptions.Count > 0 ? spec.DnsOptions : Options,
    };

    /// <summary>The file of a container with a name server of its own. Names of its networks have no dot, and are asked for as they are.</summary>
    public string ForOwnServer() => (this with { Servers = [Own], Options = Options.Any(o => o.StartsWith("ndots:", StringComparison.Ordinal)) ? Options : [.. Options, "ndots:0"] }).ToString();

    /// <summary>The file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (string server in Servers) text.Append("nameserver ").Append(server).Append('\n');
        if (Search.Count > 0) text.Append("search ").AppendJoin(' ', Search).Append('\n');
        if (Options.Count > 0) text.Append("options ").AppendJoin(' ', Options).Append('\n');
        return text.ToString();
    }
}
