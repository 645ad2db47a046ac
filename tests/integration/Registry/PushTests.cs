using System.Text.Json;
using DockerPS.Engine;
using DockerPS.Integration.OciRuntime;
using DockerPS.Integration.Pull;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>What is pushed is in a real registry as other tools expect it, whatever happens on the way.</summary>
public sealed class PushTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly List<IDisposable> _made = [];

    public void Dispose() => _made.ForEach(made => made.Dispose());

    [Fact]
    public async Task A_compressed_image_keeps_its_digest()
    {
        RegistryEngine engine = Engine();
        PushedImage image = Image(100_000, 200_000);
        string name = $"{registries.Plain.Host}/push/kept:v1";
        await engine.ImportAsync(image, name);
        ContainerImagePush pushed = await engine.PushAsync(name);
        Assert.Equal(image.Manifest.ToString(), pushed.Digest);
        Assert.Equal((name, 3, 0, 0), (pushed.Reference, pushed.Uploaded, pushed.Mounted, pushed.Existing));
        Assert.Equal(image.Manifest.ToString(), Inspect(name).GetProperty("Digest").GetString());
        Assert.Equal(pushed.Digest, engine.Engine.GetImages(new ImageFilter { Names = [pushed.Pinned] })[0].Digest);
    }

    [Fact]
    public async Task A_plain_layer_is_compressed_once_and_podman_pulls_it()
    {
        RegistryEngine engine = Engine();
        string name = $"{registries.Plain.Host}/push/plain:v1";
        ContainerImage stored = await engine.ImportPlainAsync(name, 3_000_000);
        ContainerImagePush first = await engine.PushAsync(name);
        Assert.Equal(2, first.Uploaded);
        ContainerImagePush second = await engine.PushAsync(name);
        Assert.Equal((0, 2, first.Digest), (second.Uploaded, second.Existing, second.Digest));
        // Another repository of the registry takes both from the first.
        ContainerImagePush third = await engine.PushAsync(name, destination: $"{registries.Plain.Host}/push/other:v2");
        Assert.Equal((0, 2, first.Digest), (third.Uploaded, third.Mounted, third.Digest));

        JsonElement manifest = Inspect(name, "--raw");
        Assert.Equal(MediaTypes.LayerGzip, manifest.GetProperty("layers")[0].GetProperty("mediaType").GetString());
        Assert.Equal(stored.Id, manifest.GetProperty("config").GetProperty("digest").GetString());
        Assert.Equal(stored.Id, "sha256:" + PodmanPull(engine, name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_goes_on_after_a_cut(bool plain)
    {
        RegistryEngine engine = Engine();
        int uploads = 0;
        FaultProxy proxy = Proxy(registries.Plain, request =>
            request.Method is "PUT" or "PATCH" && request.Target.Contains("/uploads/") && Interlocked.Increment(ref uploads) <= 2 ? Fault.CutUpload(plain ? 50_000 : 500_000) : null);
        string name = $"{proxy.Host}/push/cut{plain}:v1".ToLowerInvariant();
        if (plain) await engine.ImportPlainAsync(name, 9_000_000);
        else await engine.ImportAsync(Image(2_000_000), name);
        ContainerImagePush pushed = await engine.PushAsync(name);
        Assert.Equal(2, pushed.Uploaded);
        Assert.Equal(pushed.Digest, Inspect(name.Replace(proxy.Host, registries.Plain.Host)).GetProperty("Digest").GetString());
    }

    [Fact]
    public async Task A_large_layer_goes_in_chunks_and_a_refused_one_is_sent_again_alone()
    {
        RegistryEngine engine = Engine(registries.Options() with { UploadChunk = 300_000 });
        int chunks = 0;
        FaultProxy proxy = Proxy(registries.Plain, request => request.Method == "PATCH" && Interlocked.Increment(ref chunks) == 3 ? Fault.Status(503) : null);
        string name = $"{proxy.Host}/push/chunks:v1";
        PushedImage image = Image(1_000_000);
        await engine.ImportAsync(image, name);
        ContainerImagePush pushed = await engine.PushAsync(name);
        string[] ranges = [.. proxy.Requests.Where(request => request.Method == "PATCH").Select(request => request.Header("Content-Range")!)];
        Assert.Equal(
            ["0-299999", "300000-599999", "600000-899999", "600000-899999", $"900000-{image.Layers[0].Size - 1}"], ranges);
        Assert.Equal(pushed.Digest, Inspect(name.Replace(proxy.Host, registries.Plain.Host)).GetProperty("Digest").GetString());
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task An_upload_goes_where_the_registry_redirects_it(int status)
    {
        RegistryEngine engine = Engine(registries.Options() with { UploadChunk = 300_000 });
        FaultProxy storage = Proxy(registries.Plain, _ => null);
        // One sends its uploads on when they begin, the other each piece of them.
        FaultProxy second = Proxy(registries.Plain, request => request.Method is "PUT" or "PATCH" ? To(storage, request) : null);
        FaultProxy first = Proxy(registries.Plain, request => request.Method is "PUT" or "POST" ? To(second, request) : null);
        string name = $"{first.Host}/push/redirected{status}:v1";
        await engine.ImportAsync(Image(1_000_000), name);
        ContainerImagePush pushed = await engine.PushAsync(name);
        Assert.Equal(2, pushed.Uploaded);
        Assert.Equal(pushed.Digest, Inspect(name.Replace(first.Host, registries.Plain.Host)).GetProperty("Digest").GetString());
        Assert.Contains(second.Requests, request => request.Method == "POST");
        Assert.Contains(storage.Requests, request => request.Method == "PATCH");
        Assert.Contains(storage.Requests, request => request.Method == "PUT" && request.Target.Contains("/manifests/"));

        Fault To(FaultProxy other, FaultRequest request) => Fault.Status(status, "", $"Location: http://{other.Host}{request.Target}");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task An_upload_is_repeated_when_the_registry_is_in_trouble(int status)
    {
        RegistryEngine engine = Engine();
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        FaultProxy proxy = Proxy(registries.Plain, request =>
            seen.AddOrUpdate(request.Method + request.Target.Split('?')[0].Split("uploads")[0], 1, (_, n) => n + 1) == 1 ? Fault.Status(status) : null);
        string name = $"{proxy.Host}/push/trouble{status}:v1";
        await engine.ImportAsync(Image(100_000), name);
        ContainerImagePush pushed = await engine.PushAsync(name);
        Assert.Equal(pushed.Digest, Inspect(name.Replace(proxy.Host, registries.Plain.Host)).GetProperty("Digest").GetString());
    }

    [Fact]
    public async Task A_push_without_login_and_with_a_wrong_one_is_refused_and_nothing_is_there()
    {
        RegistryEngine engine = Engine();
        string name = $"{registries.Protected.Host}/push/secret:v1";
        await engine.ImportAsync(Image(1000), name);
        var anonymous = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync(name));
        Assert.Equal(("RegistryUnauthorized", 401, "UNAUTHORIZED"), (anonymous.ErrorId, anonymous.Status, anonymous.Code));
        var wrong = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync(name, new RegistryAccess { UserName = "alice", Password = "pa55" }));
        Assert.Equal(("RegistryUnauthorized", 401), (wrong.ErrorId, wrong.Status));
        Assert.Contains("'alice'", wrong.Message);
        Assert.DoesNotContain("pa55", wrong.Message);
        Assert.Equal(2, (await engine.PushAsync(name, Login)).Uploaded);
    }

    [Theory]
    [InlineData(400, "MANIFEST_INVALID", "manifest invalid")]
    [InlineData(415, "", "")]
    [InlineData(400, "", "unsupported media type")]
    public async Task A_registry_that_knows_nothing_of_OCI_gets_Dockers_schema(int status, string code, string text)
    {
        using var remote = new RemoteImage(registries.Plain, $"push/oci{status}{code.Length}");
        await remote.AddLayerAsync(Compression.Zstd, null, ("zstd", RemoteImage.Noise(1, 300_000)));
        await remote.AddLayerAsync(Compression.Gzip, null, ("gzip", RemoteImage.Noise(2, 200_000)));
        await remote.AddLayerAsync(Compression.None, null, ("plain", new byte[100_000]));
        await remote.PutAsync("1");
        RegistryEngine engine = Engine();
        ContainerImage stored = Assert.Single(await engine.Engine.PullImagesAsync(new ImagePull { Reference = remote.Name("1") }, null, CancellationToken.None));
        FaultProxy proxy = Proxy(registries.Plain, request => IsOciManifest(request)
            ? Fault.Status(status, $$"""{"errors":[{"code":"{{code}}","message":"{{text}}"}]}""") : null);
        string name = $"{proxy.Host}/push/docker{status}{code.Length}:v1";
        ContainerImagePush pushed = await engine.PushAsync(remote.Name("1"), destination: name);
        // The layer in zstd went twice, before and after the refusal.
        Assert.Equal((MediaTypes.DockerManifest, 5), (pushed.MediaType, pushed.Uploaded + pushed.Mounted + pushed.Existing));

        string there = name.Replace(proxy.Host, registries.Plain.Host);
        JsonElement manifest = Inspect(there, "--raw");
        Assert.Equal(MediaTypes.DockerManifest, manifest.GetProperty("mediaType").GetString());
        Assert.Equal((MediaTypes.DockerConfig, stored.Id), (manifest.GetProperty("config").GetProperty("mediaType").GetString(), manifest.GetProperty("config").GetProperty("digest").GetString()));
        Assert.Equal(
            [MediaTypes.DockerLayerGzip, MediaTypes.DockerLayerGzip, MediaTypes.DockerLayerGzip],
            manifest.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("mediaType").GetString()));
        Assert.Equal(remote.Layers[1].Digest, manifest.GetProperty("layers")[1].GetProperty("digest").GetString());
        Assert.Equal(pushed.Digest, Inspect(there).GetProperty("Digest").GetString());
        Assert.Equal(stored.Id, "sha256:" + PodmanPull(engine, there));
        // The name with its digest is known from now on.
        Assert.Equal(stored.Id, engine.Engine.GetImages(new ImageFilter { Names = [pushed.Pinned] })[0].Id);
    }

    [Fact]
    public async Task All_platforms_go_as_Dockers_list_where_OCIs_index_is_refused()
    {
        using var remote = new RemoteImage(registries.Plain, "push/platforms");
        await remote.AddLayerAsync(Compression.Gzip, null, ("file", [1]));
        await remote.PutIndexAsync("1", await remote.PutAsync(null), await remote.PutAsync(null, "linux/arm64/v8"));
        RegistryEngine engine = Engine();
        await engine.Engine.PullImagesAsync(new ImagePull { Reference = remote.Name("1"), AllPlatforms = true }, null, CancellationToken.None);
        FaultProxy proxy = Proxy(registries.Plain, request => IsOciManifest(request) ? Fault.Status(415) : null);
        string name = $"{proxy.Host}/push/list:v1";
        ContainerImagePush pushed = await engine.Engine.PushImageAsync(
            new ImagePush { Name = remote.Name("1"), Destination = name, AllPlatforms = true }, null, CancellationToken.None);
        Assert.Equal(MediaTypes.DockerIndex, pushed.MediaType);
        JsonElement list = Inspect(name.Replace(proxy.Host, registries.Plain.Host), "--raw");
        Assert.Equal(
            [(MediaTypes.DockerManifest, "amd64"), (MediaTypes.DockerManifest, "arm64")],
            list.GetProperty("manifests").EnumerateArray().Select(item => (item.GetProperty("mediaType").GetString()!, item.GetProperty("platform").GetProperty("architecture").GetString()!)));
        string arm = Inspect(name.Replace(proxy.Host, registries.Plain.Host), "--override-arch", "arm64").GetProperty("Architecture").GetString()!;
        Assert.Equal("arm64", arm);
    }

    [Fact]
    public async Task A_registry_that_refuses_both_kinds_is_told_of_by_its_first_refusal()
    {
        RegistryEngine engine = Engine();
        FaultProxy proxy = Proxy(registries.Plain, request => request.Method == "PUT" && request.Target.Contains("/manifests/", StringComparison.Ordinal)
            ? Fault.Status(400, $$"""{"errors":[{"code":"MANIFEST_INVALID","message":"refused {{(IsOciManifest(request) ? "first" : "second")}}"}]}""") : null);
        string name = $"{proxy.Host}/push/refused:v1";
        await engine.ImportAsync(Image(1000), name);
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => engine.PushAsync(name));
        Assert.Equal(("RegistryFailed", 400, "MANIFEST_INVALID"), (error.ErrorId, error.Status, error.Code));
        Assert.Contains("refused first", error.Message, StringComparison.Ordinal);
    }

    private static bool IsOciManifest(FaultRequest request) =>
        request.Method == "PUT" && request.Header("Content-Type")?.StartsWith("application/vnd.oci.image.", StringComparison.Ordinal) == true;

    [Fact]
    public async Task An_id_needs_a_destination()
    {
        RegistryEngine engine = Engine();
        ContainerImage image = await engine.ImportAsync(Image(1000), "nowhere:v1");
        Assert.Equal("ImageNameMissing", (await Assert.ThrowsAsync<DockerArgumentException>(() => engine.PushAsync(image.Id))).ErrorId);
        Assert.Equal("ImageNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => engine.PushAsync("no-such-image"))).ErrorId);
        await engine.PushAsync(image.Id, destination: $"{registries.Plain.Host}/push/by-id");
    }

    private static RegistryAccess Login => new() { UserName = RegistryServer.User, Password = RegistryServer.Password };

    private static JsonElement Inspect(string name, params string[] options)
    {
        OciResult result = OciResult.Of(System.IO.Path.GetTempPath(), "/usr/bin/skopeo", "", ["inspect", "--tls-verify=false", .. options, "docker://" + name]);
        Assert.True(result.Code == 0, result.Error);
        return JsonDocument.Parse(result.Out).RootElement;
    }

    /// <summary>Pulls into a store of its own; returns the id that podman gives it.</summary>
    private static string PodmanPull(RegistryEngine engine, string name)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/podman"), "SKIPPED: podman is not installed (Debian's package podman).");
        OciResult result = OciResult.Of(
            engine.In(""), "/usr/bin/podman", "", "--root", engine.In("podman"), "--runroot", engine.In("podman-run"), "--storage-driver", "vfs",
            "pull", "-q", "--tls-verify=false", name);
        Assert.True(result.Code == 0, result.Error);
        return result.Out.Trim();
    }

    private RegistryEngine Engine(RegistryOptions? options = null)
    {
        var engine = new RegistryEngine(options ?? registries.Options());
        _made.Add(engine);
        return engine;
    }

    private PushedImage Image(params int[] sizes)
    {
        PushedImage image = PushedImage.Make(sizes);
        _made.Add(image);
        return image;
    }

    private FaultProxy Proxy(RegistryServer registry, Func<FaultRequest, Fault?> judge)
    {
        var proxy = new FaultProxy(registry.Port, judge);
        _made.Add(proxy);
        return proxy;
    }
}
