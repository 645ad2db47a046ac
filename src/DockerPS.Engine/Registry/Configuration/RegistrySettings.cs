using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tomlyn;

namespace DockerPS.Engine.Registry.Configuration;

/// <summary>What Docker's <c>daemon.json</c> and podman's <c>registries.conf</c> say about registries.</summary>
internal sealed class RegistrySettings
{
    private readonly List<RegistryTable> _tables = [];
    private readonly HashSet<string> _insecureHosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _insecureNetworks = [];

    /// <summary>Docker's mirrors of Docker Hub.</summary>
    public List<Uri> HubMirrors { get; } = [];

    /// <exception cref="DockerRegistryException">RegistryConfigurationInvalid: a file is damaged.</exception>
    public static RegistrySettings Load(RegistryOptions options)
    {
        var settings = new RegistrySettings();
        if (File.Exists(options.DaemonConfiguration)) Reading(options.DaemonConfiguration, settings.ReadDaemon);
        foreach (string file in RegistriesFiles(options)) Reading(file, settings.ReadRegistries);
        return settings;
    }

    /// <summary>Changes when a file does.</summary>
    public static string StampOf(RegistryOptions options) => string.Join('|', RegistriesFiles(options).Prepend(options.DaemonConfiguration)
        .Where(path => path.Length > 0).Select(path => new FileInfo(path)).Where(file => file.Exists)
        .Select(file => $"{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}"));

    /// <summary>The table with the longest prefix of a name (<c>host/path:tag</c>); null when there is none.</summary>
    public RegistryTable? TableOf(string name) => _tables.Where(table => MatchedLength(table, name) > 0).MaxBy(table => PrefixOf(table).Length);

    /// <summary>How many characters of a name a table's prefix takes; 0 when it is not its.</summary>
    public static int MatchedLength(RegistryTable table, string name)
    {
        string prefix = PrefixOf(table);
        if (prefix.StartsWith("*.", StringComparison.Ordinal))
        {
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            return slash > 0 && name[..slash].EndsWith(prefix[1..], StringComparison.Ordinal) ? slash : 0;
        }

        bool begins = prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal);
        return begins && (name.Length == prefix.Length || name[prefix.Length] is '/' or ':' or '@') ? prefix.Length : 0;
    }

    /// <summary>Whether Docker is told to accept plain HTTP and any certificate of a host.</summary>
    public bool IsInsecure(string host)
    {
        if (_insecureHosts.Contains(host)) return true;
        string name = host.StartsWith('[') ? host[1..host.IndexOf(']', StringComparison.Ordinal)] : host.Split(':')[0];
        return IPAddress.TryParse(name, out IPAddress? address) && _insecureNetworks.Any(network => network.Contains(address));
    }

    private static string PrefixOf(RegistryTable table) => table.Prefix is { Length: > 0 } prefix ? prefix : table.Location ?? "";

    private static IEnumerable<string> RegistriesFiles(RegistryOptions options)
    {
        if (options.RegistriesConfiguration.Length == 0) return [];
        string more = options.RegistriesConfiguration + ".d";
        IEnumerable<string> all = Directory.Exists(more) ? Directory.EnumerateFiles(more, "*.conf").Order(StringComparer.Ordinal) : [];
        return File.Exists(options.RegistriesConfiguration) ? all.Prepend(options.RegistriesConfiguration) : all;
    }

    private static void Reading(string file, Action<string> read)
    {
        try
        {
            read(file);
        }
        catch (Exception e) when (e is JsonException or TomlException or IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            throw new DockerRegistryException(
                "RegistryConfigurationInvalid", $"The configuration of registries '{file}' cannot be read: {e.Message.TrimEnd('.')}. Repair it, or move it away.", file, "", inner: e);
        }
    }

    private void ReadDaemon(string file)
    {
        if (JsonNode.Parse(File.ReadAllBytes(file), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })
            is not JsonObject daemon) return;
        foreach (string mirror in Texts(daemon["registry-mirrors"]))
        {
            if (!Uri.TryCreate(mirror, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
                throw new FormatException($"the mirror '{mirror}' is no web address");
            HubMirrors.Add(address);
        }

        foreach (string host in Texts(daemon["insecure-registries"]))
        {
            if (IPNetwork.TryParse(host, out IPNetwork network)) _insecureNetworks.Add(network);
            else _insecureHosts.Add(host);
        }
    }

    private void ReadRegistries(string file)
    {
        RegistriesFile? read = TomlSerializer.Deserialize(File.ReadAllText(file), RegistriesToml.Default.RegistriesFile);
        foreach (RegistryTable table in read?.Registries ?? [])
        {
            // A later file's word about the same names counts.
            _tables.RemoveAll(other => PrefixOf(other) == PrefixOf(table));
            _tables.Add(table);
        }
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list is JsonArray items ? items.Select(item => item?.GetValue<string>() ?? "") : [];
}
