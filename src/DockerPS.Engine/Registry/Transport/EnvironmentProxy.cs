using System.Net;

namespace DockerPS.Engine.Registry.Transport;

/// <summary>
/// The proxy of the environment as Docker takes it: <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>, in small letters
/// too; read at every request, because a session may set it at any time (.NET reads it once). This machine is always reached directly.
/// </summary>
internal sealed class EnvironmentProxy(Func<string, string?> variable) : IWebProxy
{
    public static EnvironmentProxy Instance { get; } = new(Environment.GetEnvironmentVariable);

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => new ProxyCredentials(this);
        set => throw new NotSupportedException("Credentials of a proxy stand in its address.");
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => Address(destination) is { } address ? new UriBuilder(address) { UserName = "", Password = "" }.Uri : null;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private Uri? Address(Uri destination)
    {
        if (RegistryEndpoint.IsLoopback(destination.Host)) return null;
        string? text = (destination.Scheme == Uri.UriSchemeHttps ? Setting("HTTPS_PROXY") : Setting("HTTP_PROXY")) ?? Setting("ALL_PROXY");
        if (text is null || IsExcepted(destination)) return null;
        if (!text.Contains("://", StringComparison.Ordinal)) text = "http://" + text;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? proxy) ? proxy : null;
    }

    private bool IsExcepted(Uri destination)
    {
        string host = destination.IdnHost.Trim('[', ']');
        IPAddress.TryParse(host, out IPAddress? address);
        foreach (string item in (Setting("NO_PROXY") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (item == "*") return true;
            if (address is not null && IPNetwork.TryParse(item, out IPNetwork network) && network.Contains(address)) return true;
            string name = item;
            int colon = name.LastIndexOf(':');
            if (colon > 0 && name.IndexOf(':', StringComparison.Ordinal) == colon && int.TryParse(name.AsSpan(colon + 1), out int port))
            {
                if (port != destination.Port) continue;
                name = name[..colon];
            }

            // "example.com" means that and all below it, ".example.com" only what is below.
            name = name.TrimStart('*');
            if (host.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
            if (address is null && host.EndsWith(name.StartsWith('.') ? name : "." + name, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private string? Setting(string name) =>
        variable(name) is { Length: > 0 } upper ? upper : variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

    private sealed class ProxyCredentials(EnvironmentProxy proxy) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            foreach (string name in (string[])["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"])
            {
                string? text = proxy.Setting(name);
                if (text is null || !Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out Uri? address)) continue;
                if (address.UserInfo.Length == 0 || address.Host != uri.Host || address.Port != uri.Port) continue;
                string[] parts = address.UserInfo.Split(':', 2);
                return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
            }

            return null;
        }
    }
}
