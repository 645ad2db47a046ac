using System.Collections.Concurrent;
using System.Text;

namespace DockerPS.Integration.Registry;

/// <summary>
/// A registry that wants bearer tokens, and the server that gives them for the name and password of <see cref="RegistryServer"/>; the content is another
/// registry's.
/// </summary>
internal sealed class TokenServer : IDisposable
{
    private const string Refresh = "refresh-token";
    private readonly FaultProxy _registry;
    private readonly FaultProxy _server;
    private readonly ConcurrentDictionary<string, bool> _tokens = new();
    private int _number;

    public TokenServer(int registryPort)
    {
        _server = new FaultProxy(0, Grant);
        _registry = new FaultProxy(registryPort, Check);
    }

    /// <summary>As in image names.</summary>
    public string Registry => _registry.Host;

    /// <summary>How each token was asked for: <c>password</c> or <c>refresh</c>, and the scope.</summary>
    public ConcurrentQueue<string> Granted { get; } = new();

    /// <summary>A token as somebody else would have got it.</summary>
    public string Issue()
    {
        string token = $"token-{Interlocked.Increment(ref _number)}";
        _tokens[token] = true;
        return token;
    }

    /// <summary>No token that was given is good any more.</summary>
    public void Forget() => _tokens.Clear();

    public void Dispose()
    {
        _registry.Dispose();
        _server.Dispose();
    }

    private Fault? Check(FaultRequest request)
    {
        if (request.Header("Authorization") is { } given && given.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.ContainsKey(given[7..])) return null;
        string repository = request.Target.Split('/') is ["", "v2", var one, var two, ..] ? $",scope=\"repository:{one}/{two}:pull\"" : "";
        return Fault.Status(
            401, """{"errors":[{"code":"UNAUTHORIZED","message":"a token is needed"}]}""",
            $"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{_server.Port}/token\",service=\"test\"{repository}");
    }

    private Fault Grant(FaultRequest request)
    {
        string query = request.Method == "POST" ? request.Body : request.Target[(request.Target.IndexOf('?') + 1)..];
        Dictionary<string, string> values = query.Split('&').Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair.Length > 1 ? pair[1].Replace('+', ' ') : ""));
        bool refresh = values.GetValueOrDefault("grant_type") == "refresh_token";
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RegistryServer.User}:{RegistryServer.Password}"));
        if (refresh ? values["refresh_token"] != Refresh : request.Header("Authorization") != basic)
            return Fault.Status(401, """{"errors":[{"code":"UNAUTHORIZED","message":"wrong name or password"}]}""");
        Granted.Enqueue($"{(refresh ? "refresh" : "password")} {values.GetValueOrDefault("scope")}");
        string offline = values.ContainsKey("offline_token") ? $",\"refresh_token\":\"{Refresh}\"" : "";
        return Fault.Status(200, $$"""{"{{(refresh ? "access_token" : "token")}}":"{{Issue()}}","expires_in":300{{offline}}}""", "Content-Type: application/json");
    }
}
