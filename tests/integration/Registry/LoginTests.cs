using System.Text.Json.Nodes;
using DockerPS.Engine;
using DockerPS.Integration.OciRuntime;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>Logins are checked by real registries and shared with the tools that know Docker's files.</summary>
public sealed class LoginTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly List<IDisposable> _made = [];

    public void Dispose() => _made.ForEach(made => made.Dispose());

    [Fact]
    public async Task A_login_is_one_for_skopeo_and_back()
    {
        RegistryServer registry = registries.Protected;
        RegistryOptions options = registries.Options("shared");
        RegistryEngine engine = Engine(options);
        ContainerRegistryLogin login = await engine.Engine.LoginAsync(registry.Host, Login, default);
        string config = Path.Combine(options.DockerConfigDirectory, "config.json");
        Assert.Equal((registry.Host, RegistryServer.User, config), (login.Registry, login.UserName, login.Store));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(config));
        OciResult got = Skopeo("login", "--authfile", config, "--get-login", registry.Host);
        Assert.Equal(RegistryServer.User, got.Out.Trim());

        Assert.Null(await engine.Engine.LogoutAsync(registry.Host, default));
        Assert.NotEqual(0, Skopeo("login", "--authfile", config, "--get-login", registry.Host).Code);
        Assert.Equal("LoginNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => engine.Engine.LogoutAsync(registry.Host, default))).ErrorId);

        OciResult back = Skopeo("login", "--authfile", config, "--tls-verify=false", "-u", RegistryServer.User, "-p", RegistryServer.Password, registry.Host);
        Assert.True(back.Code == 0, back.Error);
        await engine.ImportPlainAsync($"{registry.Host}/login/shared:1", 1000);
        Assert.Equal(2, (await engine.PushAsync($"{registry.Host}/login/shared:1")).Uploaded);
    }

    [Fact]
    public async Task A_wrong_password_keeps_nothing_and_what_others_wrote_stays()
    {
        RegistryOptions options = registries.Options("kept");
        Directory.CreateDirectory(options.DockerConfigDirectory);
        string config = Path.Combine(options.DockerConfigDirectory, "config.json");
        File.WriteAllText(config, """{"auths":{"other.example":{"auth":"eDp5"}},"detachKeys":"ctrl-q"}""");
        RegistryEngine engine = Engine(options);
        var wrong = await Assert.ThrowsAsync<DockerRegistryException>(
            () => engine.Engine.LoginAsync(registries.Protected.Host, Login with { Password = "pa55" }, default));
        Assert.Equal(("RegistryUnauthorized", 401), (wrong.ErrorId, wrong.Status));
        Assert.DoesNotContain(registries.Protected.Host, File.ReadAllText(config));
        await engine.Engine.LoginAsync(registries.Protected.Host, Login, default);
        JsonNode written = JsonNode.Parse(File.ReadAllText(config))!;
        Assert.Equal("eDp5", (string?)written["auths"]!["other.example"]!["auth"]);
        Assert.Equal("ctrl-q", (string?)written["detachKeys"]);
    }

    [Fact]
    public async Task Twenty_logins_at_once_are_all_kept()
    {
        RegistryOptions options = registries.Options("twenty");
        FaultProxy[] proxies = [.. Enumerable.Range(0, 20).Select(_ => Proxy(registries.Protected.Port, _ => null))];
        RegistryEngine[] engines = [Engine(options), Engine(options)];
        await Task.WhenAll(proxies.Select((proxy, i) => engines[i % 2].Engine.LoginAsync(proxy.Host, Login, default)));
        Assert.Equal(proxies.Select(proxy => proxy.Host).Order(StringComparer.Ordinal), engines[0].Engine.GetLogins());
    }

    [Fact]
    public async Task A_credential_helper_keeps_the_secret_and_the_file_does_not()
    {
        RegistryOptions options = registries.Options("helper");
        Directory.CreateDirectory(options.DockerConfigDirectory);
        string config = Path.Combine(options.DockerConfigDirectory, "config.json"), kept = Path.Combine(options.DockerConfigDirectory, "kept");
        using var helper = new HelperOnPath("dockerpstest", $"""
            input=$(cat)
            case $1 in
            store) printf %s "$input" > '{kept}';;
            get) [ -f '{kept}' ] && cat '{kept}' || (echo "credentials not found in native keychain"; exit 1);;
            erase) rm -f '{kept}';;
            esac
            """);
        File.WriteAllText(config, $$"""{"credHelpers":{"{{registries.Protected.Host}}":"dockerpstest"} }""");
        RegistryEngine engine = Engine(options);
        Assert.Equal("docker-credential-dockerpstest", (await engine.Engine.LoginAsync(registries.Protected.Host, Login, default)).Store);
        Assert.Equal(RegistryServer.Password, (string?)JsonNode.Parse(File.ReadAllText(kept))!["Secret"]);
        Assert.DoesNotContain("\"auth\"", File.ReadAllText(config));
        await engine.ImportPlainAsync($"{registries.Protected.Host}/login/helper:1", 1000);
        await engine.PushAsync($"{registries.Protected.Host}/login/helper:1");
        await engine.Engine.LogoutAsync(registries.Protected.Host, default);
        Assert.False(File.Exists(kept));
        var refused = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync($"{registries.Protected.Host}/login/helper:1"));
        Assert.Equal("RegistryUnauthorized", refused.ErrorId);
    }

    [Fact]
    public async Task A_certificate_is_refused_until_its_authority_is_known()
    {
        RegistryOptions options = registries.Options("tls");
        RegistryEngine engine = Engine(options);
        RegistryServer registry = registries.Tls;
        var refused = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.Engine.LoginAsync(registry.Host, Login, default));
        Assert.Equal(("RegistryCertificateUntrusted", registry.Host), (refused.ErrorId, refused.Registry));
        Assert.Contains("certs.d/" + registry.Host, refused.Message);
        await engine.Engine.LoginAsync(registry.Host, Login with { Insecure = true }, default);

        string directory = Path.Combine(options.CertificateDirectories, registry.Host);
        Directory.CreateDirectory(directory);
        File.Copy(registry.Authority, Path.Combine(directory, "ca.crt"));
        await engine.Engine.LoginAsync(registry.Host, Login, default);
        await engine.ImportPlainAsync($"{registry.Host}/tls/one:1", 1000);
        Assert.Equal(2, (await engine.PushAsync($"{registry.Host}/tls/one:1")).Uploaded);
    }

    [Fact]
    public async Task A_registry_that_wants_a_certificate_gets_the_one_of_its_directory()
    {
        RegistryOptions options = registries.Options("client");
        using RegistryServer registry = RegistryServer.Start(tls: true, clientCertificates: true);
        string directory = Path.Combine(options.CertificateDirectories, registry.Host), source = Path.GetDirectoryName(registry.Authority)!;
        Directory.CreateDirectory(directory);
        File.Copy(registry.Authority, Path.Combine(directory, "ca.crt"));
        RegistryEngine engine = Engine(options);
        await engine.ImportPlainAsync($"{registry.Host}/tls/client:1", 1000);
        Assert.Equal("RegistryUnreachable", (await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync($"{registry.Host}/tls/client:1"))).ErrorId);
        File.Copy(Path.Combine(source, "client.cert"), Path.Combine(directory, "client.cert"));
        Assert.Equal("RegistryCertificateInvalid", (await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync($"{registry.Host}/tls/client:1"))).ErrorId);
        File.Copy(Path.Combine(source, "client.key"), Path.Combine(directory, "client.key"));
        Assert.Equal(2, (await engine.PushAsync($"{registry.Host}/tls/client:1")).Uploaded);
    }

    [Fact]
    public async Task A_token_is_asked_for_with_scope_and_kept_and_renewed_when_refused()
    {
        PushedImage image = PushedImage.Make(1000);
        _made.Add(image);
        image.PushTo(registries.Plain, "tokens/one:v1");
        using var server = new TokenServer(registries.Plain.Port);
        RegistryEngine engine = Engine(registries.Options("tokens"));
        await engine.Engine.LoginAsync(server.Registry, Login, default);
        // The server gave a token in the password's place.
        string config = File.ReadAllText(Path.Combine(registries.Options("tokens").DockerConfigDirectory, "config.json"));
        Assert.Contains("identitytoken", config);
        ContainerRemoteImage remote = await engine.Engine.GetRemoteImageAsync(new RemoteImageQuery { Reference = $"{server.Registry}/tokens/one:v1" }, default);
        Assert.Equal(image.Manifest.ToString(), remote.Digest);
        Assert.Equal(["refresh repository:tokens/one:pull"], server.Granted.Skip(2));
        server.Forget();
        Assert.Single(await engine.Engine.GetRemoteTagsAsync(new TagQuery { Repository = $"{server.Registry}/tokens/one" }, default));
        Assert.Equal(2, server.Granted.Count(grant => grant == "refresh repository:tokens/one:pull"));
        var wrong = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.Engine.LoginAsync(server.Registry, Login with { Password = "pa55" }, default));
        Assert.Equal(("RegistryUnauthorized", 401), (wrong.ErrorId, wrong.Status));
        var token = new RemoteImageQuery { Reference = $"{server.Registry}/tokens/one:v1", Access = new RegistryAccess { Token = server.Issue() } };
        Assert.Equal(image.Manifest.ToString(), (await engine.Engine.GetRemoteImageAsync(token, default)).Digest);
    }

    private static RegistryAccess Login => new() { UserName = RegistryServer.User, Password = RegistryServer.Password };

    private static OciResult Skopeo(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/skopeo"), "SKIPPED: skopeo is not installed (Debian's package skopeo).");
        return OciResult.Of(Path.GetTempPath(), "/usr/bin/skopeo", "", arguments);
    }

    private RegistryEngine Engine(RegistryOptions options)
    {
        var engine = new RegistryEngine(options);
        _made.Add(engine);
        return engine;
    }

    private FaultProxy Proxy(int port, Func<FaultRequest, Fault?> judge)
    {
        var proxy = new FaultProxy(port, judge);
        _made.Add(proxy);
        return proxy;
    }
}
