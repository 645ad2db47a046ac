using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerPS.Engine;
using DockerPS.Engine.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>Registries, and hosts to which they send, that want what is not theirs: a secret, our time, our memory, our terminal.</summary>
public sealed class HostileRegistryTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private static readonly Descriptor Blob = new() { MediaType = MediaTypes.LayerGzip, Digest = Digest.Of("blob"u8).ToString(), Size = 4 };
    private readonly List<IDisposable> _made = [];

    public void Dispose() => _made.ForEach(made => made.Dispose());

    [Fact]
    public async Task A_host_to_which_a_registry_sends_does_not_say_where_the_password_goes()
    {
        FaultProxy thief = Proxy(_ => Fault.Status(200, """{"token":"t"}"""));
        FaultProxy storage = Proxy(_ => Fault.Status(401, "", $"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{thief.Port}/token\",service=\"x\""));
        FaultProxy registry = Proxy(request => request.Target.Contains("/blobs/", StringComparison.Ordinal)
            ? Fault.Status(307, "", $"Location: http://127.0.0.1:{storage.Port}/elsewhere") : Fault.Status(200, "{}"));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => ReadAsync(Client(), registry, Blob, Login));
        Assert.Empty(thief.Requests);
        Assert.All(storage.Requests, request => Assert.Null(request.Header("Authorization")));
        Assert.Equal(401, error.Status);
        Assert.Contains($"127.0.0.1:{storage.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_a_manifest_names_does_not_get_the_users_login_for_it()
    {
        RegistryOptions options = registries.Options("foreign");
        FaultProxy elsewhere = Proxy(request => request.Header("Authorization") is null
            ? Fault.Status(401, "", "WWW-Authenticate: Basic realm=\"x\"") : Fault.Status(200, "blob"));
        FaultProxy registry = Proxy(request => Fault.Status(200, request.Target.Contains("/blobs/", StringComparison.Ordinal) ? "blob" : "{}"));
        Directory.CreateDirectory(options.DockerConfigDirectory);
        File.WriteAllText(Path.Combine(options.DockerConfigDirectory, "config.json"), $$"""{"auths":{"127.0.0.1:{{elsewhere.Port}}":{"auth":"dTpw"} } }""");
        var foreign = new Descriptor
        {
            MediaType = MediaTypes.DockerForeignLayerGzip, Digest = Blob.Digest, Size = Blob.Size, Urls = [$"http://127.0.0.1:{elsewhere.Port}/private"],
        };
        Assert.Equal("blob", await ReadAsync(Client(options), registry, foreign, RegistryAccess.Default));
        Assert.NotEmpty(elsewhere.Requests);
        Assert.All(elsewhere.Requests, request => Assert.Null(request.Header("Authorization")));
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_token_server_in_trouble_is_asked_again(int status)
    {
        int asked = 0;
        FaultProxy tokens = Proxy(_ => Interlocked.Increment(ref asked) <= 2 ? Fault.Status(status, "", "Retry-After: 0") : Fault.Status(200, """{"token":"good"}"""));
        Assert.Equal("blob", await ReadAsync(Client(), Bearer(tokens), Blob, Login));
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData("a\\r\\nX-Evil: 1")]
    [InlineData("a b")]
    [InlineData("é")]
    public async Task A_token_that_no_header_can_hold_is_told_of(string token)
    {
        FaultProxy tokens = Proxy(_ => Fault.Status(200, $$"""{"token":"{{token}}"}"""));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => ReadAsync(Client(), Bearer(tokens), Blob, Login));
        Assert.Equal("RegistryFailed", error.ErrorId);
        Assert.Contains("gave no token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_the_users_may_have_the_end_of_a_line_and_no_blanks()
    {
        FaultProxy registry = Bearer(Proxy(_ => Fault.Status(404)));
        Assert.Equal("blob", await ReadAsync(Client(), registry, Blob, new RegistryAccess { Token = "good\n" }));
        var error = await Assert.ThrowsAsync<DockerArgumentException>(() => ReadAsync(Client(), registry, Blob, new RegistryAccess { Token = "not\ngood" }));
        Assert.Equal("InvalidToken", error.ErrorId);
        Assert.DoesNotContain("good", error.Message.Replace("gave", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_goes_in_a_circle_is_told_of()
    {
        FaultProxy registry = Proxy(request => Fault.Status(
            200, """{"tags":["a"]}""", "Content-Type: application/json", $"Link: </v2/some/thing/tags/list?n={(request.Target.EndsWith("n=1", StringComparison.Ordinal) ? 2 : 1)}>; rel=\"next\""));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().ListTagsAsync(Name(registry, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal("RegistryFailed", error.ErrorId);
        Assert.InRange(registry.Requests.Count, 3, 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_without_end_is_told_of_before_it_fills_the_memory(bool referrers)
    {
        int page = 0;
        string filling = new(' ', referrers ? 4_000_000 : 8_000_000);
        FaultProxy registry = Proxy(_ => Fault.Status(
            200, referrers ? $$"""{"manifests":[{"digest":"{{Blob.Digest}}","size":1}]{{filling}}}""" : $$"""{"tags":["a"]{{filling}}}""",
            $"Content-Type: {(referrers ? MediaTypes.Index : "application/json")}", $"Link: </v2/some/thing/more?n={Interlocked.Increment(ref page)}>; rel=\"next\""));
        ImageReference name = Name(registry, "some/thing");
        var error = await Assert.ThrowsAsync<DockerRegistryException>(async () =>
        {
            if (referrers) await Client().GetReferrersAsync(name, Digest.Parse(Blob.Digest), RegistryAccess.Default, default).WaitAsync(TimeSpan.FromSeconds(60));
            else await Client().ListTagsAsync(name, RegistryAccess.Default, default).WaitAsync(TimeSpan.FromSeconds(60));
        });
        Assert.Equal("RegistryFailed", error.ErrorId);
        Assert.InRange(registry.Requests.Count, 2, 25);
    }

    [Fact]
    public async Task A_list_goes_on_at_the_registry_whatever_that_calls_itself()
    {
        FaultProxy registry = Proxy(request => request.Target.Contains("last=a", StringComparison.Ordinal)
            ? Fault.Status(200, """{"tags":["b"]}""")
            : Fault.Status(200, """{"tags":["a"]}""", "Link: <https://internal.invalid/v2/some/thing/tags/list?n=1>; rel=\"prev\", <https://internal.invalid/v2/some/thing/tags/list?n=1&last=a>; rel=next"));
        Assert.Equal(["a", "b"], await Client().ListTagsAsync(Name(registry, "some/thing"), RegistryAccess.Default, default));
    }

    [Fact]
    public async Task A_search_with_nothing_among_its_results_finds_the_others()
    {
        FaultProxy registry = Proxy(request => Fault.Status(200, """{"results":[null,{"name":"a/b"}]}""", "Content-Type: application/json"));
        Assert.Equal("a/b", Assert.Single(await Client().SearchAsync(registry.Host, "b", 5, RegistryAccess.Default, default)).Name[(registry.Host.Length + 1)..]);
    }

    [Theory]
    [InlineData("application/\\u001b[2J\\u202e\\u0007", "ManifestUnsupported")]
    [InlineData("\\ud800", "ManifestUnsupported")]
    public async Task A_type_of_a_manifest_does_not_steer_the_terminal(string type, string errorId)
    {
        FaultProxy registry = Proxy(_ => Fault.Status(200, $$"""{"schemaVersion":2,"mediaType":"{{type}}"}""", "Content-Type: application/json"));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(Name(registry, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal(errorId, error.ErrorId);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public async Task A_port_that_speaks_something_else_is_told_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int connections = 0;
        Task serving = Task.Run(async () =>
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref connections);
                NetworkStream stream = client.GetStream();
                await stream.WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n"));
                _ = await stream.ReadAsync(new byte[1024]);
            }
        });
        string host = $"localhost:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(ImageReference.Parse(host + "/some/thing"), RegistryAccess.Default, default));
        listener.Stop();
        await serving.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal("NotARegistry", error.ErrorId);
        Assert.Contains(host, error.Message, StringComparison.Ordinal);
        Assert.InRange(connections, 1, 4);
    }

    [Fact]
    public async Task A_port_that_takes_all_and_says_nothing_is_not_waited_for_again_and_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(50);
        RegistryClient client = Client(registries.Options() with { StallTimeout = TimeSpan.FromMilliseconds(400) });
        long begun = Environment.TickCount64;
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => client.GetManifestAsync(
            ImageReference.Parse($"localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/some/thing"), RegistryAccess.Default, default));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        // Twice, and not the eleven times that it were with all repetitions in both ways to speak.
        Assert.InRange(Environment.TickCount64 - begun, 700, 2000);
    }

    [Theory]
    [InlineData("http://[", false)]
    [InlineData("//:", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("http://[", true)]
    [InlineData("//:", true)]
    [InlineData("file:///etc/passwd", true)]
    public async Task A_location_that_is_none_is_told_of(string location, bool upload)
    {
        FaultProxy registry = Proxy(request => request.Method == "HEAD" ? Fault.Status(404)
            : request.Target == "/v2/" ? Fault.Status(200, "{}") : Fault.Status(upload ? 202 : 307, "", "Location: " + location));
        RegistryClient client = Client();
        var error = await Assert.ThrowsAsync<DockerRegistryException>(async () =>
        {
            if (upload) await client.Upload(Name(registry, "some/thing"), RegistryAccess.Default).PushAsync(BlobSource.Of(Blob.Digest, "blob"u8.ToArray()), [], null, default);
            else await ReadAsync(client, registry, Blob, RegistryAccess.Default);
        });
        Assert.Equal("RegistryFailed", error.ErrorId);
    }

    [Fact]
    public async Task A_host_that_speaks_TLS_after_a_restart_is_reached_without_one_of_ours()
    {
        RegistryServer tls = registries.Tls;
        RegistryClient client = Client();
        bool plain = true;
        // The same port, first of a registry without TLS and then of one with it.
        using var door = new SwitchingDoor(() => plain ? registries.Plain.Port : tls.Port);
        ImageReference name = ImageReference.Parse($"localhost:{door.Port}/nobody/none:1");
        async Task<string> AskAsync() => (await Assert.ThrowsAsync<DockerRegistryException>(() => client.GetManifestAsync(name, RegistryAccess.Default, default))).ErrorId;
        Assert.Equal("RemoteImageNotFound", await AskAsync());
        plain = false;
        // A connection that was kept may still lead to the server before.
        for (long end = Environment.TickCount64 + 10_000; await AskAsync() == "RemoteImageNotFound";) Assert.True(Environment.TickCount64 < end);
        // Its authority is not trusted here, so that it is TLS that was spoken.
        Assert.Equal("RegistryCertificateUntrusted", await AskAsync());
    }

    [Fact]
    public async Task A_mount_that_is_cut_is_a_blob_that_is_sent()
    {
        var engine = new RegistryEngine(registries.Options());
        _made.Add(engine);
        int cut = 0;
        var proxy = new FaultProxy(registries.Plain.Port, request =>
            request.Target.Contains("mount=", StringComparison.Ordinal) && Interlocked.Increment(ref cut) > 0 ? Fault.CutUpload(0) : null);
        _made.Add(proxy);
        await engine.ImportPlainAsync($"{proxy.Host}/mount/one:1", 10_000);
        await engine.PushAsync($"{proxy.Host}/mount/one:1");
        ContainerImagePush second = await engine.PushAsync($"{proxy.Host}/mount/one:1", destination: $"{proxy.Host}/mount/two:1");
        Assert.NotEqual(0, cut);
        Assert.Equal((2, 0), (second.Uploaded, second.Mounted));
    }

    private static RegistryAccess Login => new() { UserName = "user", Password = "secret" };

    private static ImageReference Name(FaultProxy registry, string name) => ImageReference.Parse($"{registry.Host}/{name}");

    /// <summary>A registry that wants the token <c>good</c>.</summary>
    private FaultProxy Bearer(FaultProxy tokens) => Proxy(request => request.Header("Authorization") == "Bearer good" ? Fault.Status(200, "blob")
        : Fault.Status(401, "", $"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{tokens.Port}/token\",service=\"x\""));

    private static async Task<string> ReadAsync(RegistryClient client, FaultProxy registry, Descriptor blob, RegistryAccess access)
    {
        var bytes = new MemoryStream();
        await client.ReadBlobAsync(Name(registry, "some/thing"), blob, 0, new BlobOrigins(), (piece, _) =>
        {
            bytes.Write(piece.Span);
            return ValueTask.CompletedTask;
        }, access, CancellationToken.None);
        return Encoding.ASCII.GetString(bytes.ToArray());
    }

    private RegistryClient Client(RegistryOptions? options = null)
    {
        var client = new RegistryClient(
            new EngineOptions { Root = "/nowhere", RunRoot = "/nowhere", RuntimePath = "/nowhere", Registry = options ?? registries.Options() }, NullLogger.Instance);
        _made.Add(client);
        return client;
    }

    private FaultProxy Proxy(Func<FaultRequest, Fault?> judge)
    {
        var proxy = new FaultProxy(0, judge);
        _made.Add(proxy);
        return proxy;
    }
}
