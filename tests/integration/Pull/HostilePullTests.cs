using System.Security.Cryptography;
using System.Text;
using DockerPS.Engine;
using DockerPS.Integration.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>Manifests that are made to break who reads them, and such as are only unusual.</summary>
public sealed class HostilePullTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private static readonly string Some = Digest.Of("x"u8).ToString();
    private readonly PullStore _store = new(registries);
    private readonly Dictionary<string, (string Type, byte[] Bytes)> _content = [];
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _store.Dispose();
    }

    [Theory]
    [InlineData(MediaTypes.Index, """{"manifests":[null]}""")]
    [InlineData(MediaTypes.Index, """{"manifests":[{"digest":null,"size":1}]}""")]
    [InlineData(MediaTypes.Manifest, """{"config":CONFIG,"layers":[null]}""")]
    [InlineData(MediaTypes.Manifest, """{"config":CONFIG,"layers":[{"digest":null,"size":1}]}""")]
    public async Task Nothing_in_the_place_of_something_is_refused(string type, string manifest)
    {
        string config = $$"""{"mediaType":"{{MediaTypes.Config}}","digest":"{{Some}}","size":1}""";
        string host = Serve("1", type, manifest.Replace("CONFIG", config, StringComparison.Ordinal));
        Assert.Equal("ManifestInvalid", (await Assert.ThrowsAsync<DockerIntegrityException>(() => _store.PullAsync($"{host}/some/thing:1"))).ErrorId);
    }

    [Theory]
    [InlineData("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Env":[null]}}""")]
    [InlineData("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Cmd":[null]}}""")]
    [InlineData("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Labels":{"a":null}}}""")]
    [InlineData("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"history":[null]}""")]
    [InlineData("null")]
    public async Task A_config_with_nothing_in_the_place_of_something_is_refused(string config)
    {
        string host = Serve("1", MediaTypes.Manifest, Manifest(Blob(config)));
        Assert.Equal("ManifestInvalid", (await Assert.ThrowsAsync<DockerIntegrityException>(() => _store.PullAsync($"{host}/some/thing:1"))).ErrorId);
        Assert.Empty(_store.Engine.GetImages(new ImageFilter()));
    }

    [Fact]
    public async Task Another_kind_of_artifact_is_told_by_what_it_calls_itself()
    {
        string host = Serve("1", MediaTypes.Manifest, $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","artifactType":"application/vnd.example.chart",
            "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{Some}}","size":2},"layers":[]}
            """);
        var error = await Assert.ThrowsAsync<DockerArgumentException>(() => _store.PullAsync($"{host}/some/thing:1"));
        Assert.Equal("ImageTypeNotSupported", error.ErrorId);
        Assert.Contains("application/vnd.example.chart", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_of_thousands_is_refused_and_not_fetched()
    {
        IEnumerable<string> many = Enumerable.Range(0, 5000).Select(i =>
            $$$"""{"mediaType":"{{{MediaTypes.Manifest}}}","digest":"{{{Digest.Of(BitConverter.GetBytes(i))}}}","size":1,"platform":{"os":"linux","architecture":"a{{{i}}}"}}""");
        string host = Serve("1", MediaTypes.Index, $$"""{"manifests":[{{string.Join(',', many)}}]}""");
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => _store.PullAsync($"{host}/some/thing:1", all: true));
        Assert.Equal("ManifestInvalid", error.ErrorId);
        Assert.DoesNotContain(((FaultProxy)_made[0]).Requests, request => request.Target.Contains("/manifests/sha256:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Thousands_of_platforms_of_which_none_fits_are_not_all_told()
    {
        IEnumerable<string> many = Enumerable.Range(0, 5000).Select(i => $$$"""{"digest":"{{{Some}}}","size":1,"platform":{"os":"\u001b[31m","architecture":"a{{{i}}}"}}""");
        string host = Serve("1", MediaTypes.Index, $$"""{"manifests":[{{string.Join(',', many)}}]}""");
        var error = await Assert.ThrowsAsync<DockerNotFoundException>(() => _store.PullAsync($"{host}/some/thing:1"));
        Assert.Equal("PlatformNotFound", error.ErrorId);
        Assert.InRange(error.Message.Length, 100, 2000);
        Assert.EndsWith("or another tag.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public async Task An_image_whose_manifest_is_named_by_sha512_stays_whole()
    {
        string config = Blob("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}""");
        string host = Serve("1", MediaTypes.Manifest, Manifest(config), sha512: true);
        await _store.PullAsync($"{host}/some/thing:1");
        // Any removal collects what nothing refers to.
        _store.Engine.AddImageTag($"{host}/some/thing:1", "kept:1");
        _store.Engine.RemoveUnreferencedContent();
        using ContainerEngine next = _store.Open();
        ContainerImageCheck check = Assert.Single(await next.TestImagesAsync(new ImageCheckRequest(), null, CancellationToken.None));
        Assert.Empty(check.Problems);
        string archive = Path.Combine(Path.GetDirectoryName(_store.Options.Root)!, "out.tar");
        await next.ExportImagesAsync(new ImageExport { Names = ["kept:1"], Path = archive }, null, CancellationToken.None);
    }

    [Fact]
    public async Task A_prune_beside_a_pull_that_is_broken_off_does_not_cost_what_that_had_brought()
    {
        using var remote = new RemoteImage(registries.Plain, "hostile/pruned");
        await remote.AddLayerAsync(Compression.Gzip, null, ("large", RemoteImage.Noise(1, 2_000_000)));
        await remote.AddLayerAsync(Compression.Gzip, null, ("small", RemoteImage.Noise(2, 500_000)));
        await remote.PutAsync("1");
        bool stall = true;
        var proxy = new FaultProxy(registries.Plain.Port, request =>
            stall && request.Target.EndsWith(remote.Layers[0].Digest, StringComparison.Ordinal) ? Fault.Stall(1_000_000) : null);
        _made.Add(proxy);
        string name = $"{proxy.Host}/hostile/pruned:1";
        using var stop = new CancellationTokenSource();
        Task pull = _store.Engine.PullImagesAsync(new ImagePull { Reference = name }, null, stop.Token);
        bool HasSmall() => _store.Blobs.Any(blob => remote.Layers[1].Digest.EndsWith(Path.GetFileName(blob), StringComparison.Ordinal));
        for (long end = Environment.TickCount64 + 30_000; !HasSmall() || _store.PartialBytes < 900_000; await Task.Delay(5)) Assert.True(Environment.TickCount64 < end);
        using (ContainerEngine pruning = _store.Open()) pruning.RemoveUnreferencedContent();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        using ContainerEngine next = _store.Open();
        Assert.True(HasSmall());
        Assert.InRange(_store.PartialBytes, 900_000, 1_000_000);
        stall = false;
        await _store.PullAsync(name, engine: next);
        _store.AssertWhole();
    }

    private string Blob(string text) => Blob(Encoding.UTF8.GetBytes(text));

    private string Blob(byte[] bytes)
    {
        string digest = Digest.Of(bytes).ToString();
        _content["/blobs/" + digest] = ("application/octet-stream", bytes);
        return $$"""{"mediaType":"{{MediaTypes.Config}}","digest":"{{digest}}","size":{{bytes.Length}}}""";
    }

    private static string Manifest(string config) => $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{config}},"layers":[]}""";

    /// <summary>A registry that has this manifest under a tag; returns its host.</summary>
    private string Serve(string tag, string type, string manifest, bool sha512 = false)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(manifest);
        string digest = sha512 ? "sha512:" + Convert.ToHexStringLower(SHA512.HashData(bytes)) : Digest.Of(bytes).ToString();
        _content["/manifests/" + tag] = _content["/manifests/" + digest] = (type, bytes);
        var proxy = new FaultProxy(0, request =>
        {
            string? found = _content.Keys.FirstOrDefault(key => request.Target.EndsWith(key, StringComparison.Ordinal));
            if (found is null) return Fault.Status(request.Target == "/v2/" ? 200 : 404, "{}");
            return Fault.Status(
                200, Encoding.UTF8.GetString(_content[found].Bytes), "Content-Type: " + _content[found].Type,
                found.StartsWith("/manifests/", StringComparison.Ordinal) ? "Docker-Content-Digest: " + digest : "X: 1");
        });
        _made.Add(proxy);
        return proxy.Host;
    }
}
