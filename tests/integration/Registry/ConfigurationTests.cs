using DockerPS.Engine;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>Mirrors, rewritten names, searches and lists, with real registries in the places of those that are far away.</summary>
public sealed class ConfigurationTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly List<IDisposable> _made = [];

    public void Dispose() => _made.ForEach(made => made.Dispose());

    [Fact]
    public async Task A_mirror_is_asked_first_without_the_users_password_and_the_registry_when_it_fails()
    {
        PushedImage image = Pushed("hub/library/mirrored:v1");
        RegistryOptions options = registries.Options("mirror");
        FaultProxy mirror = Proxy(0, _ => Fault.Status(500)), registry = Proxy(registries.Plain.Port, _ => null);
        File.WriteAllText(options.RegistriesConfiguration, $"""
            [[registry]]
            prefix = "docker.io"
            location = "{registry.Host}/hub"
            [[registry.mirror]]
            location = "{mirror.Host}/cache"
            """);
        RegistryEngine engine = Engine(options);
        var query = new RemoteImageQuery { Reference = "mirrored:v1", Access = new RegistryAccess { UserName = "me", Password = "mine" } };
        ContainerRemoteImage found = await engine.Engine.GetRemoteImageAsync(query, default);
        Assert.Equal((image.Manifest.ToString(), "docker.io", "mirrored:v1"), (found.Digest, found.Registry, found.Reference));
        Assert.NotEmpty(mirror.Requests);
        Assert.All(mirror.Requests, request => Assert.Null(request.Header("Authorization")));
        Assert.Contains(mirror.Requests, request => request.Target == "/v2/cache/library/mirrored/manifests/v1");
        Assert.Contains(registry.Requests, request => request.Target == "/v2/hub/library/mirrored/manifests/v1");
    }

    [Fact]
    public async Task Docker_Hubs_search_is_read()
    {
        RegistryOptions options = registries.Options("search");
        FaultProxy hub = Proxy(0, request => request.Target.StartsWith("/v1/search?q=my%20sql&n=5", StringComparison.Ordinal)
            ? Fault.Status(
                200, """{"results":[{"name":"mysql","description":"A\nbase \u001b[31m","star_count":15000,"is_official":true},{"name":"me/mysql"},{"name":"../evil"}]}""",
                "Content-Type: application/json")
            : Fault.Status(200, "{}"));
        File.WriteAllText(options.RegistriesConfiguration, $"[[registry]]\nprefix = \"docker.io\"\nlocation = \"{hub.Host}\"\n");
        IReadOnlyList<ContainerImageSearchResult> found = await Engine(options).Engine.FindImagesAsync(new ImageSearch { Term = "my sql", Limit = 5 }, default);
        Assert.Equal(["mysql", "me/mysql"], found.Select(result => result.Name));
        Assert.Equal(("A base [31m", 15000, true), (found[0].Description, found[0].Stars, found[0].Official));
    }

    [Fact]
    public async Task A_catalogue_and_tags_are_read_page_after_page()
    {
        for (int i = 0; i < 3; i++) Pushed($"pages/one:v{i}");
        Pushed("pages/two:v1");
        // Pages of one: what the client asks for is made smaller on the way.
        FaultProxy proxy = Proxy(registries.Plain.Port, _ => null, request => request.Replace("n=1000", "n=1"));
        RegistryEngine engine = Engine(registries.Options("pages"));
        IReadOnlyList<ContainerImageTag> tags = await engine.Engine.GetRemoteTagsAsync(
            new TagQuery { Repository = $"{proxy.Host}/pages/one", Digests = true, Pattern = "v*" }, default);
        Assert.Equal(["v0", "v1", "v2"], tags.Select(tag => tag.Tag).Order());
        Assert.All(tags, tag => Assert.True(Digest.TryParse(tag.Digest, out _)));
        IReadOnlyList<ContainerImageSearchResult> found = await engine.Engine.FindImagesAsync(
            new ImageSearch { Registry = proxy.Host, Term = "pages/*", Tags = true }, default);
        Assert.Equal([$"{proxy.Host}/pages/one", $"{proxy.Host}/pages/two"], found.Select(result => result.Name).Order());
        Assert.Equal(["v1"], found.Single(result => result.Name.EndsWith("two", StringComparison.Ordinal)).Tags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Referrers_come_from_the_API_or_the_tag_in_its_place(bool api)
    {
        PushedImage image = Pushed($"referred/by{(api ? "api" : "tag")}:v1");
        string index = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{"mediaType":"{{MediaTypes.Manifest}}","digest":"{{image.Manifest}}","size":7,
            "artifactType":"application/vnd.example.signature","annotations":{"by":"me"} }] }
            """;
        string path = api ? $"/referrers/{image.Manifest}" : $"/manifests/sha256-{image.Manifest.Hex}";
        FaultProxy proxy = Proxy(registries.Plain.Port, request => request.Target.EndsWith(path, StringComparison.Ordinal)
            ? Fault.Status(200, index, "Content-Type: " + MediaTypes.Index)
            : null);
        ContainerRemoteImage found = await Engine(registries.Options("referrers")).Engine.GetRemoteImageAsync(
            new RemoteImageQuery { Reference = $"{proxy.Host}/referred/by{(api ? "api" : "tag")}:v1", Referrers = true }, default);
        ContainerImageReferrer referrer = Assert.Single(found.Referrers);
        Assert.Equal(("application/vnd.example.signature", "me"), (referrer.ArtifactType, referrer.Annotations["by"]));
    }

    [Theory]
    [InlineData(407)]
    [InlineData(502)]
    [InlineData(0)]
    public async Task A_proxys_failure_is_told_as_such(int status)
    {
        FaultProxy proxy = Proxy(0, _ => Fault.Status(status));
        if (status == 0) proxy.Dispose();
        int port = status == 0 ? RegistryServer.FreePort() : proxy.Port;
        Environment.SetEnvironmentVariable("HTTPS_PROXY", $"http://me:secret@127.0.0.1:{port}");
        try
        {
            var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Engine(registries.Options("proxy")).Engine.GetRemoteImageAsync(
                new RemoteImageQuery { Reference = "registry.invalid/a:1" }, default));
            Assert.Equal(("RegistryProxyFailed", "registry.invalid"), (error.ErrorId, error.Registry));
            Assert.Contains($"127.0.0.1:{port}", error.Message);
            Assert.DoesNotContain("secret", error.Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable("HTTPS_PROXY", null);
        }
    }

    private PushedImage Pushed(string name)
    {
        PushedImage image = PushedImage.Make(1000);
        _made.Add(image);
        image.PushTo(registries.Plain, name);
        return image;
    }

    private RegistryEngine Engine(RegistryOptions options)
    {
        var engine = new RegistryEngine(options);
        _made.Add(engine);
        return engine;
    }

    private FaultProxy Proxy(int port, Func<FaultRequest, Fault?> judge, Func<string, string>? rewrite = null)
    {
        var proxy = new FaultProxy(port, judge) { Rewrite = rewrite ?? (head => head) };
        _made.Add(proxy);
        return proxy;
    }
}
