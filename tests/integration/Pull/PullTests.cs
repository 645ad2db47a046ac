using System.Diagnostics;
using System.Security.Cryptography;
using DockerPS.Engine;
using DockerPS.Integration.Registry;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>Images come from a real registry as skopeo and the API put them there.</summary>
public sealed class PullTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly PullStore _store = new(registries);
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _store.Dispose();
    }

    [Fact]
    public async Task What_skopeo_pushed_is_pulled_and_read_back_by_skopeo()
    {
        PushedImage pushed = Made(PushedImage.Make(3_000_000, 1000));
        pushed.PushTo(registries.Plain, "team/app:1");
        ContainerImage image = Assert.Single(await _store.PullAsync($"{registries.Plain.Host}/team/app:1"));
        Assert.Equal(($"{registries.Plain.Host}/team/app:1", pushed.Manifest.ToString()), (image.Reference, image.Digest));
        Assert.Equal(2, _store.Layers.Length);
        Assert.Contains(_store.Layers, layer => File.Exists(layer + "/file0") && new FileInfo(layer + "/file0").Length == 3_000_000);
        _store.AssertWhole();
        Assert.Equal((0L, 0), (_store.PartialBytes, Directory.GetFiles(Path.Combine(_store.Content, "pulls")).Length));
        Layers.LayerVerb.Shell($"skopeo inspect oci:{_store.Content}:{image.Reference} > {_store.Options.Root}/inspected; test -s {_store.Options.Root}/inspected");
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Zstd)]
    public async Task Layers_of_every_compression_are_unpacked(Compression compression)
    {
        byte[] content = RemoteImage.Noise(1, 2_000_000);
        RemoteImage remote = await Remote($"kinds/{compression.ToString().ToLowerInvariant()}").AddLayerAsync(compression, null, ("big", content), ("d/small", [1, 2, 3]));
        await remote.PutAsync("1");
        ContainerImage image = Assert.Single(await _store.PullAsync(remote.Name("1")));
        Assert.Equal(content, await File.ReadAllBytesAsync(_store.Layers.Single() + "/big", TestContext.Current.CancellationToken));
        Assert.Equal(["sh"], image.Config.Command);
        _store.AssertWhole();
    }

    [Fact]
    public async Task Dockers_manifests_keep_their_bytes_and_digests()
    {
        PushedImage pushed = Made(PushedImage.Make(1000));
        pushed.PushTo(registries.Plain, "team/oci:1");
        string source = $"docker://{registries.Plain.Host}/team/oci:1", target = $"docker://{registries.Plain.Host}/team/docker:1";
        Layers.LayerVerb.Shell($"skopeo copy -q --src-tls-verify=false --dest-tls-verify=false --format v2s2 {source} {target}");
        ContainerImage image = Assert.Single(await _store.PullAsync($"{registries.Plain.Host}/team/docker:1"));
        string digest = Layers.LayerVerb.Shell($"skopeo inspect --tls-verify=false --format '{{{{.Digest}}}}' {target}").Trim();
        Assert.Equal(digest, image.Digest);
        Assert.Contains(MediaTypes.DockerManifest, await File.ReadAllTextAsync(Path.Combine(_store.Content, "index.json"), TestContext.Current.CancellationToken));
        _store.AssertWhole();
    }

    [Fact]
    public async Task What_is_there_costs_one_question_and_a_shared_layer_is_not_fetched_again()
    {
        RemoteImage remote = await Remote("again/app").AddLayerAsync(Compression.Gzip, null, ("base", RemoteImage.Noise(1, 100_000)));
        await remote.PutAsync("1");
        await remote.AddLayerAsync(Compression.Gzip, null, ("more", [1]));
        await remote.PutAsync("2");
        FaultProxy proxy = Proxy(_ => null);
        await _store.PullAsync($"{proxy.Host}/again/app:1");
        proxy.Requests.Clear();
        await _store.PullAsync($"{proxy.Host}/again/app:1");
        Assert.Equal("HEAD", Assert.Single(proxy.Requests).Method);
        proxy.Requests.Clear();
        await _store.PullAsync($"{proxy.Host}/again/app:2");
        Assert.DoesNotContain(proxy.Requests, request => request.Target.EndsWith(remote.Layers[0].Digest, StringComparison.Ordinal));
        Assert.Contains(proxy.Requests, request => request.Target.EndsWith(remote.Layers[1].Digest, StringComparison.Ordinal));
        _store.AssertWhole();
    }

    [Fact]
    public async Task A_tag_that_moved_brings_the_new_image_and_the_old_one_stays_without_it()
    {
        RemoteImage remote = await Remote("moved/app").AddLayerAsync(Compression.Gzip, null, ("f", [1]));
        await remote.PutAsync("1");
        ContainerImage old = Assert.Single(await _store.PullAsync(remote.Name("1")));
        await remote.AddLayerAsync(Compression.Gzip, null, ("g", [2]));
        await remote.PutAsync("1");
        ContainerImage now = Assert.Single(await _store.PullAsync(remote.Name("1")));
        Assert.NotEqual(old.Id, now.Id);
        Assert.Equal(2, _store.Engine.GetImages(new ImageFilter()).Count);
        Assert.Equal("<none>", _store.Engine.GetImages(new ImageFilter { Names = [old.Id] })[0].Tag);
    }

    [Fact]
    public async Task Of_an_index_the_platform_is_chosen_that_was_asked_for_or_runs_here()
    {
        RemoteImage remote = await IndexAsync("index/app");
        string host = $"linux/{(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64")}";
        Assert.Equal(host, Assert.Single(await _store.PullAsync(remote.Name("1"))).Platform);
        ContainerImage other = Assert.Single(await _store.PullAsync(remote.Name("1"), "arm/v7"));
        Assert.Equal("linux/arm/v7", other.Platform);
        Assert.Equal(remote.Name("1"), other.Reference);
        // Now both are there, so that only the digest is asked for.
        Assert.Equal(host, Assert.Single(await _store.PullAsync(remote.Name("1"))).Platform);
        var error = await Assert.ThrowsAsync<DockerNotFoundException>(() => _store.PullAsync(remote.Name("1"), "s390x"));
        Assert.Equal("PlatformNotFound", error.ErrorId);
        Assert.Contains("linux/arm64, linux/arm/v7", error.Message, StringComparison.Ordinal);
        Assert.Equal("InvalidPlatform", (await Assert.ThrowsAsync<DockerArgumentException>(() => _store.PullAsync(remote.Name("1"), "linux/"))).ErrorId);
        _store.AssertWhole();
    }

    [Fact]
    public async Task All_platforms_are_pulled_and_each_can_be_used()
    {
        RemoteImage remote = await IndexAsync("index/all");
        IReadOnlyList<ContainerImage> images = await _store.PullAsync(remote.Name("1"), all: true);
        Assert.Equal(3, images.Select(image => image.Platform).Distinct().Count());
        Assert.Equal(remote.Name("1"), images[0].Reference);
        Assert.All(images.Skip(1), image => Assert.Equal(image.Id, Assert.Single(_store.Engine.GetImages(new ImageFilter { Names = [image.Reference] })).Id));
        FaultProxy none = Proxy(_ => null);
        Assert.Equal(3, (await _store.PullAsync(remote.Name("1"), all: true)).Count);
        Assert.Empty(none.Requests);
        var spec = new ContainerSpec { Image = remote.Name("1"), Network = "none" };
        var source = new ContainerImageSource { Policy = ContainerImagePullPolicy.Never, Platform = "arm64" };
        Container container = await _store.Engine.CreateContainerAsync(spec, source, null, TestContext.Current.CancellationToken);
        Assert.Equal(images.Single(image => image.Platform == "linux/arm64").Id, container.ImageId);
        await _store.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task A_digest_pins_an_image_and_needs_no_registry_once_it_is_there()
    {
        RemoteImage remote = await Remote("pinned/app").AddLayerAsync(Compression.Gzip, null, ("f", [1]));
        Descriptor manifest = await remote.PutAsync("1");
        FaultProxy proxy = Proxy(_ => null);
        string name = $"{proxy.Host}/pinned/app@{manifest.Digest}";
        ContainerImage image = Assert.Single(await _store.PullAsync($"{proxy.Host}/pinned/app:9@{manifest.Digest}"));
        Assert.Equal((name, "<none>", manifest.Digest), (image.Reference, image.Tag, image.Digest));
        proxy.Requests.Clear();
        Assert.Equal(image.Id, Assert.Single(await _store.PullAsync(name)).Id);
        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public async Task A_containers_image_is_pulled_as_its_policy_says()
    {
        RemoteImage remote = await Remote("policy/app").AddLayerAsync(Compression.Gzip, null, ("f", [1]));
        await remote.PutAsync("1");
        Assert.Equal("ImageNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => CreateAsync(ContainerImagePullPolicy.Never))).ErrorId);
        string first = await CreateAsync(ContainerImagePullPolicy.Missing);
        await remote.PutAsync("1", author: "somebody else");
        Assert.Equal(first, await CreateAsync(ContainerImagePullPolicy.Missing));
        Assert.NotEqual(first, await CreateAsync(ContainerImagePullPolicy.Always));

        async Task<string> CreateAsync(ContainerImagePullPolicy policy)
        {
            var spec = new ContainerSpec { Image = remote.Name("1"), Network = "none" };
            Container container = await _store.Engine.CreateContainerAsync(
                spec, new ContainerImageSource { Policy = policy }, null, TestContext.Current.CancellationToken);
            await _store.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
            return container.ImageId;
        }
    }

    [Fact]
    public async Task Two_sessions_that_want_the_same_layers_fetch_each_once()
    {
        RemoteImage remote = Remote("twice/app");
        for (int i = 0; i < 4; i++) await remote.AddLayerAsync(Compression.Gzip, null, ($"f{i}", RemoteImage.Noise(i, 2_000_000)));
        await remote.PutAsync("1");
        await remote.PutAsync("2", author: "another image of the same layers");
        FaultProxy proxy = Proxy(_ => null);
        using ContainerEngine other = _store.Open();
        await Task.WhenAll(
            _store.PullAsync($"{proxy.Host}/twice/app:1"), _store.PullAsync($"{proxy.Host}/twice/app:2", engine: other),
            _store.PullAsync($"{proxy.Host}/twice/app:1", engine: other));
        foreach (Descriptor layer in remote.Layers)
            Assert.Single(proxy.Requests, request => request.Target.EndsWith(layer.Digest, StringComparison.Ordinal));
        Assert.Equal(2, _store.Engine.GetImages(new ImageFilter()).Count);
        _store.AssertWhole();
    }

    [Fact]
    public async Task Two_processes_that_want_the_same_layers_fetch_each_once()
    {
        string shell = Repository("src", "DockerPS.Shell", "bin", "Debug", "net10.0", "DockerPS.Shell.dll");
        Assert.SkipUnless(File.Exists(shell), "SKIPPED: the other process is the Shell of this repository: build it (dotnet build).");
        RemoteImage remote = Remote("processes/app");
        for (int i = 0; i < 4; i++) await remote.AddLayerAsync(Compression.Gzip, null, ($"f{i}", RemoteImage.Noise(i, 4_000_000)));
        await remote.PutAsync("1");
        FaultProxy proxy = Proxy(_ => null);
        string name = $"{proxy.Host}/processes/app:1";
        var start = new ProcessStartInfo(
            "dotnet", [shell, "-Command", $"Import-Module '{Repository("module", "DockerPS")}'; (Request-ContainerImage {name}).Id"]) { RedirectStandardOutput = true };
        start.Environment["DOCKERPS_ROOT"] = _store.Options.Root;
        using Process other = Process.Start(start)!;
        Task<string> output = other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (long end = Environment.TickCount64 + 60_000; proxy.Requests.IsEmpty && !other.HasExited && Environment.TickCount64 < end;)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        ContainerImage image = Assert.Single(await _store.PullAsync(name));
        Assert.Equal(image.Id, (await output).Trim());
        foreach (Descriptor layer in remote.Layers)
            Assert.Single(proxy.Requests, request => request.Target.EndsWith(layer.Digest, StringComparison.Ordinal));
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        _store.AssertWhole();
    }

    [Fact]
    public async Task One_layer_twice_in_an_image_is_fetched_once_and_unpacked_for_each_place()
    {
        RemoteImage remote = Remote("same/app");
        for (int i = 0; i < 3; i++) await remote.AddLayerAsync(Compression.Gzip, null, ("f", RemoteImage.Noise(1, 500_000)));
        await remote.PutAsync("1");
        await _store.PullAsync(remote.Name("1"));
        Assert.Equal(3, _store.Layers.Length);
        Assert.Single(_store.Layers.Select(layer => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(layer + "/f")))).Distinct());
        _store.AssertWhole();
    }

    private static string Repository(params ReadOnlySpan<string> parts)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DockerPS.sln"))) directory = directory.Parent;
        return Path.Combine([directory?.FullName ?? "", .. parts]);
    }

    private RemoteImage Remote(string repository) => Made(new RemoteImage(registries.Plain, repository));

    private FaultProxy Proxy(Func<FaultRequest, Fault?> judge) => Made(new FaultProxy(registries.Plain.Port, judge));

    private async Task<RemoteImage> IndexAsync(string repository)
    {
        RemoteImage remote = Remote(repository);
        var manifests = new List<Descriptor>();
        foreach (string platform in (string[])["linux/amd64", "linux/arm64", "linux/arm/v7"])
        {
            await remote.AddLayerAsync(Compression.Gzip, null, (platform.Replace('/', '-'), [1, 2, 3]));
            manifests.Add(await remote.PutAsync(null, platform));
        }

        await remote.PutIndexAsync("1", [.. manifests]);
        return remote;
    }

    private T Made<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
