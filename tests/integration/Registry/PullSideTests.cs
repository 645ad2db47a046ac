using DockerPS.Engine;
using DockerPS.Engine.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>Manifests and blobs come whole from a real registry, whatever happens on the way.</summary>
public sealed class PullSideTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly List<IDisposable> _made = [];

    public void Dispose() => _made.ForEach(made => made.Dispose());

    [Fact]
    public async Task A_manifest_has_the_digest_that_skopeo_pushed()
    {
        PushedImage image = Pushed(registries.Plain, "plain/one:v1", 1000);
        RemoteManifest manifest = await Client().GetManifestAsync(Name(registries.Plain.Host, "plain/one:v1"), RegistryAccess.Default, default);
        Assert.Equal(image.Manifest, manifest.Digest);
        Assert.Equal(MediaTypes.Manifest, manifest.MediaType);
        Assert.Equal(image.Layers[0].Digest, manifest.ReadManifest().Layers![0].Digest);
        ManifestHead head = await Client().HeadManifestAsync(Name(registries.Plain.Host, "plain/one:v1"), RegistryAccess.Default, default);
        Assert.Equal((image.Manifest, (long)manifest.Bytes.Length), (head.Digest, head.Size));
    }

    [Fact]
    public async Task A_blob_comes_whole_and_from_an_offset()
    {
        PushedImage image = Pushed(registries.Plain, "plain/blob:v1", 300_000);
        byte[] layer = image.Layer(0);
        Assert.Equal(layer, await ReadAsync(Client(), registries.Plain.Host, "plain/blob", image.Layers[0], 0));
        Assert.Equal(layer[100_000..], await ReadAsync(Client(), registries.Plain.Host, "plain/blob", image.Layers[0], 100_000));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("stall")]
    [InlineData("truncate")]
    public async Task A_blob_goes_on_where_it_stopped(string how)
    {
        PushedImage image = Pushed(registries.Plain, $"faults/{how}:v1", 2_000_000);
        int blobs = 0;
        FaultProxy proxy = Proxy(registries.Plain, request => !request.Target.Contains("/blobs/") || Interlocked.Increment(ref blobs) > 3 ? null : how switch
        {
            "cut" => Fault.Cut(400_000),
            "stall" => Fault.Stall(400_000),
            _ => Fault.Truncate(400_000),
        });
        RegistryClient client = Client(registries.Options() with { StallTimeout = TimeSpan.FromMilliseconds(400) });
        Assert.Equal(image.Layer(0), await ReadAsync(client, proxy.Host, $"faults/{how}", image.Layers[0], 0));
        Assert.Equal(4, blobs);
        // No byte was fetched twice, but those that were on the way when the connection broke.
        Assert.InRange(proxy.Sent, image.Layers[0].Size, image.Layers[0].Size + (how == "cut" ? 1_200_000 : 10_000));
    }

    [Fact]
    public async Task A_blob_that_is_shorter_at_the_registry_names_both_sizes()
    {
        PushedImage image = Pushed(registries.Plain, "faults/short:v1", 200_000);
        var blob = new Descriptor { Digest = image.Layers[0].Digest, Size = image.Layers[0].Size + 7 };
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => ReadAsync(Client(), registries.Plain.Host, "faults/short", blob, 0));
        Assert.Equal("SizeMismatch", error.ErrorId);
        Assert.Contains($"{blob.Size} bytes", error.Message);
        Assert.Contains($"{image.Layers[0].Size} ", error.Message);
    }

    [Fact]
    public async Task No_more_bytes_come_than_the_descriptor_says()
    {
        PushedImage image = Pushed(registries.Plain, "faults/long:v1", 200_000);
        var blob = new Descriptor { Digest = image.Layers[0].Digest, Size = 1000 };
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => ReadAsync(Client(), registries.Plain.Host, "faults/long", blob, 0));
        Assert.Equal("SizeMismatch", error.ErrorId);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_registry_in_trouble_is_asked_again(int status)
    {
        PushedImage image = Pushed(registries.Plain, "faults/status:v1", 1000);
        int asked = 0;
        FaultProxy proxy = Proxy(registries.Plain, request =>
            request.Target.Contains("/manifests/") && Interlocked.Increment(ref asked) <= 2 ? Fault.Status(status, "", "Retry-After: 0") : null);
        RemoteManifest manifest = await Client().GetManifestAsync(Name(proxy.Host, "faults/status:v1"), RegistryAccess.Default, default);
        Assert.Equal(image.Manifest, manifest.Digest);
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData(401, "RegistryUnauthorized")]
    [InlineData(403, "RegistryDenied")]
    [InlineData(404, "RemoteImageNotFound")]
    [InlineData(429, "RegistryTooManyRequests")]
    [InlineData(500, "RegistryFailed")]
    public async Task An_error_names_registry_status_and_code(int status, string errorId)
    {
        FaultProxy proxy = Proxy(null, request => request.Target == "/v2/" ? Fault.Status(200, "{}")
            : Fault.Status(status, """{"errors":[{"code":"SOME_CODE","message":"because"}]}"""));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(Name(proxy.Host, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal((errorId, status, "SOME_CODE", proxy.Host), (error.ErrorId, error.Status, error.Code, error.Registry));
        Assert.Contains(proxy.Host, error.Message);
        Assert.Contains($"status {status}, code SOME_CODE", error.Message);
    }

    [Fact]
    public async Task A_manifest_other_than_its_digest_is_refused_with_both_digests()
    {
        PushedImage image = Pushed(registries.Plain, "faults/digest:v1", 1000);
        FaultProxy proxy = Proxy(registries.Plain, request => request.Target.Contains("/manifests/") ? Fault.Corrupt(20) : null);
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(
            () => Client().GetManifestAsync(Name(proxy.Host, $"faults/digest@{image.Manifest}"), RegistryAccess.Default, default));
        Assert.Equal("DigestMismatch", error.ErrorId);
        Assert.Contains(image.Manifest.ToString(), error.Message);
        Assert.Matches("the digest sha256:[0-9a-f]{64} and has sha256:[0-9a-f]{64}", error.Message);
    }

    [Fact]
    public async Task A_huge_manifest_is_refused_and_not_read()
    {
        FaultProxy proxy = Proxy(null, request => request.Target == "/v2/" ? Fault.Status(200, "{}")
            : Fault.Status(200, new string(' ', 5 << 20), "Content-Type: " + MediaTypes.Manifest));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(Name(proxy.Host, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal("ManifestTooLarge", error.ErrorId);
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", """{"schemaVersion":1}""", "ManifestUnsupported")]
    [InlineData(MediaTypes.Manifest, """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", "ManifestUnsupported")]
    [InlineData(MediaTypes.Manifest, "[]", "ManifestUnsupported")]
    [InlineData(MediaTypes.Manifest, "no JSON", "ManifestUnsupported")]
    [InlineData("text/html", "<html>Welcome</html>", "NotARegistry")]
    public async Task What_is_no_manifest_is_refused(string type, string body, string errorId)
    {
        FaultProxy proxy = Proxy(null, request => request.Target == "/v2/" ? Fault.Status(200, "{}") : Fault.Status(200, body, "Content-Type: " + type));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(Name(proxy.Host, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal(errorId, error.ErrorId);
    }

    [Fact]
    public async Task A_web_server_is_not_a_registry()
    {
        FaultProxy proxy = Proxy(null, _ => Fault.Status(404, "<html>not found</html>", "Content-Type: text/html"));
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => Client().GetManifestAsync(Name(proxy.Host, "some/thing"), RegistryAccess.Default, default));
        Assert.Equal("NotARegistry", error.ErrorId);
    }

    [Fact]
    public async Task Nobody_at_the_port_is_told_at_once()
    {
        var error = await Assert.ThrowsAsync<DockerRegistryException>(
            () => Client().GetManifestAsync(Name($"localhost:{RegistryServer.FreePort()}", "some/thing"), RegistryAccess.Default, default));
        Assert.Equal(("RegistryUnreachable", 0), (error.ErrorId, error.Status));
    }

    [Fact]
    public async Task A_redirect_goes_without_the_credential()
    {
        PushedImage image = Pushed(registries.Protected, "redirect/one:v1", 50_000, login: true);
        byte[] layer = image.Layer(0);
        FaultProxy storage = Proxy(null, _ => Fault.Status(404));
        FaultProxy proxy = Proxy(registries.Protected, request => request.Target.Contains("/blobs/") && request.Header("Authorization") is not null
            ? Fault.Status(307, "", $"Location: http://127.0.0.1:{storage.Port}/elsewhere?signature=x")
            : null);
        await Assert.ThrowsAsync<DockerRegistryException>(() => ReadAsync(Client(), proxy.Host, "redirect/one", image.Layers[0], 0, Login));
        FaultRequest asked = Assert.Single(storage.Requests, request => request.Target.Contains("elsewhere"));
        Assert.Null(asked.Header("Authorization"));
        Assert.Equal(layer.Length, image.Layers[0].Size);
    }

    [Fact]
    public async Task While_its_bytes_are_taken_slowly_a_registry_is_not_found_silent()
    {
        PushedImage image = Pushed(registries.Plain, "slow/taker:v1", 2_000_000);
        int blobs = 0;
        FaultProxy proxy = Proxy(registries.Plain, request =>
        {
            if (request.Target.Contains("/blobs/")) Interlocked.Increment(ref blobs);
            return null;
        });
        RegistryClient client = Client(registries.Options() with { StallTimeout = TimeSpan.FromMilliseconds(200) });
        long taken = 0;
        await client.ReadBlobAsync(Name(proxy.Host, "slow/taker"), image.Layers[0], 0, new BlobOrigins(), async (piece, token) =>
        {
            // Longer than a registry may be silent.
            if (taken == 0) await Task.Delay(TimeSpan.FromMilliseconds(600), token);
            taken += piece.Length;
        }, RegistryAccess.Default, CancellationToken.None);
        Assert.Equal((image.Layers[0].Size, 1), (taken, blobs));
    }

    private static RegistryAccess Login => new() { UserName = RegistryServer.User, Password = RegistryServer.Password };

    private static ImageReference Name(string host, string name) => ImageReference.Parse($"{host}/{name}");

    private static async Task<byte[]> ReadAsync(RegistryClient client, string host, string repository, Descriptor blob, long offset, RegistryAccess? access = null)
    {
        var bytes = new MemoryStream();
        await client.ReadBlobAsync(Name(host, repository), blob, offset, new BlobOrigins(), (piece, _) =>
        {
            bytes.Write(piece.Span);
            return ValueTask.CompletedTask;
        }, access ?? RegistryAccess.Default, CancellationToken.None);
        return bytes.ToArray();
    }

    private RegistryClient Client(RegistryOptions? options = null)
    {
        var client = new RegistryClient(
            new EngineOptions { Root = "/nowhere", RunRoot = "/nowhere", RuntimePath = "/nowhere", Registry = options ?? registries.Options() }, NullLogger.Instance);
        _made.Add(client);
        return client;
    }

    private PushedImage Pushed(RegistryServer registry, string name, int size, bool login = false)
    {
        PushedImage image = PushedImage.Make(size);
        _made.Add(image);
        image.PushTo(registry, name, login);
        return image;
    }

    private FaultProxy Proxy(RegistryServer? registry, Func<FaultRequest, Fault?> judge)
    {
        var proxy = new FaultProxy(registry?.Port ?? 0, judge);
        _made.Add(proxy);
        return proxy;
    }
}
