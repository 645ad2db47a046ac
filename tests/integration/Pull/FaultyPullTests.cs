using System.Diagnostics;
using DockerPS.Engine;
using DockerPS.Integration.Layers;
using DockerPS.Integration.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>Whatever goes wrong in a pull: a typed error, nothing half-made, and the repetition goes on where it stopped.</summary>
public sealed class FaultyPullTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Size = 3_000_000;
    private readonly PullStore _store = new(registries);
    private readonly List<IDisposable> _made = [];
    private Func<FaultRequest, Fault?> _judge = _ => null;

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _store.Dispose();
    }

    [Fact]
    public async Task A_registry_that_sends_no_more_is_told_of_and_the_next_pull_fetches_only_the_rest()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("cut");
        string layer = remote.Layers[0].Digest;
        int served = 0;
        // Once so much, and then nothing any more.
        _judge = request => !request.Target.EndsWith(layer, StringComparison.Ordinal) ? null : Interlocked.Increment(ref served) == 1 ? Fault.Stall(2_000_000) : Fault.Cut(0);
        var error = await Assert.ThrowsAsync<DockerRegistryException>(() => _store.PullAsync(Name(proxy, "cut")));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        AssertNothingVisible();
        long there = _store.PartialBytes;
        Assert.Equal(2_000_000, there);

        _judge = _ => null;
        proxy.Requests.Clear();
        long sent = proxy.Sent;
        await _store.PullAsync(Name(proxy, "cut"));
        FaultRequest ask = Assert.Single(proxy.Requests, request => request.Target.EndsWith(layer, StringComparison.Ordinal));
        Assert.Equal($"bytes={there}-", ask.Header("Range"));
        // The second layer had come, or came now.
        Assert.InRange(proxy.Sent - sent, 1, remote.Layers.Sum(l => l.Size) - there + 10_000);
        AssertPulled(remote);
    }

    [Fact]
    public async Task A_changed_byte_is_told_with_both_digests_and_nothing_of_the_blob_is_kept()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("corrupt");
        string layer = remote.Layers[0].Digest;
        _judge = request => request.Target.EndsWith(layer, StringComparison.Ordinal) ? Fault.Corrupt(1_000_000) : null;
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => _store.PullAsync(Name(proxy, "corrupt")));
        Assert.Equal("DigestMismatch", error.ErrorId);
        Assert.Contains(layer, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.Message.Split("sha256:").Length - 1 - (error.Message.Split(layer).Length - 2));
        AssertNothingVisible();
        Assert.DoesNotContain(_store.Blobs, blob => layer.EndsWith(Path.GetFileName(blob), StringComparison.Ordinal));

        _judge = _ => null;
        await _store.PullAsync(Name(proxy, "corrupt"));
        AssertPulled(remote);
    }

    [Fact]
    public async Task A_damaged_rest_of_an_earlier_pull_costs_a_second_attempt_and_no_error()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("rest");
        _store.Engine.GetImages(new ImageFilter());
        string partial = Path.Combine(_store.Content, "partial", remote.Layers[0].Digest.Replace(':', '-'));
        await File.WriteAllBytesAsync(partial, RemoteImage.Noise(99, 1_000_000), TestContext.Current.CancellationToken);
        await _store.PullAsync(Name(proxy, "rest"));
        Assert.Equal(["bytes=1000000-", null], proxy.Requests
            .Where(request => request.Target.EndsWith(remote.Layers[0].Digest, StringComparison.Ordinal)).Select(request => request.Header("Range")));
        AssertPulled(remote);
    }

    [Fact]
    public async Task Finished_layers_of_an_interrupted_pull_are_not_fetched_again()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("finished");
        _judge = request => request.Target.EndsWith(remote.Layers[0].Digest, StringComparison.Ordinal) ? Fault.Stall(100_000) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task pull = _store.Engine.PullImagesAsync(new ImagePull { Reference = Name(proxy, "finished") }, null, stop.Token);
        await Until(() => _store.Blobs.Any(blob => remote.Layers[1].Digest.EndsWith(Path.GetFileName(blob), StringComparison.Ordinal)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);

        _judge = _ => null;
        proxy.Requests.Clear();
        // Another session: nothing is remembered but on disk.
        using ContainerEngine other = _store.Open();
        await _store.PullAsync(Name(proxy, "finished"), engine: other);
        Assert.DoesNotContain(proxy.Requests, request => request.Target.EndsWith(remote.Layers[1].Digest, StringComparison.Ordinal));
        AssertPulled(remote);
    }

    [Fact]
    public async Task Cancelled_it_ends_in_a_moment_and_leaves_nothing_half_made()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("cancel");
        _judge = request => request.Target.Contains("/blobs/", StringComparison.Ordinal) && remote.Layers.Any(l => request.Target.EndsWith(l.Digest, StringComparison.Ordinal))
            ? Fault.Stall(1_500_000) : null;
        using var stop = new CancellationTokenSource();
        Task pull = _store.Engine.PullImagesAsync(new ImagePull { Reference = Name(proxy, "cancel") }, null, stop.Token);
        await Until(() => _store.PartialBytes > 2_000_000);
        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        // The prompt waits for less: it does not wait for what is put away. Generous, as other tests work meanwhile.
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
        AssertNothingVisible();
        _store.AssertWhole();

        _judge = _ => null;
        await _store.PullAsync(Name(proxy, "cancel"));
        AssertPulled(remote);
    }

    [Theory]
    [InlineData("unsafe", "ArchiveUnsafe")]
    [InlineData("lie", "DigestMismatch")]
    public async Task A_hostile_layer_is_refused_and_nothing_of_it_is_unpacked(string kind, string errorId)
    {
        RemoteImage remote = await Remote($"hostile/{kind}").AddLayerAsync(
            Compression.Gzip, kind == "lie" ? Digest.Of("other"u8).ToString() : null, kind == "unsafe" ? ("../../out", [1]) : ("f", [1]));
        await remote.PutAsync("1");
        Assert.Equal(errorId, (await Assert.ThrowsAsync<DockerIntegrityException>(() => _store.PullAsync(remote.Name("1")))).ErrorId);
        AssertNothingVisible();
        _store.AssertWhole();
        Assert.Empty(_store.Layers);
    }

    [Theory]
    [InlineData("nobody/none:1", "RemoteImageNotFound")]
    [InlineData("Upper/case:1", "InvalidReference")]
    [InlineData("app:-", "InvalidReference")]
    public async Task Names_that_lead_nowhere_are_told_by_their_errors(string name, string errorId)
    {
        var error = await Assert.ThrowsAnyAsync<DockerException>(() => _store.PullAsync($"{registries.Plain.Host}/{name}"));
        Assert.Equal(errorId, error.ErrorId);
        if (error is DockerRegistryException refused) Assert.Equal((registries.Plain.Host, 404), (refused.Registry, refused.Status));
    }

    [Fact]
    public async Task An_artifact_that_is_no_image_is_refused()
    {
        RemoteImage remote = await Remote("kinds/artifact").AddLayerAsync(Compression.None, null, ("f", [1]));
        await remote.PutAsync("1");
        FaultProxy proxy = Made(new FaultProxy(0, _ => Fault.Status(
            200,
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{"mediaType":"application/vnd.example.chart","digest":"{{Digest.Of("x"u8)}}","size":1},"layers":[]}""",
            $"Content-Type: {MediaTypes.Manifest}")));
        Assert.Equal("ImageTypeNotSupported", (await Assert.ThrowsAsync<DockerArgumentException>(() => _store.PullAsync($"{proxy.Host}/chart:1"))).ErrorId);
        AssertNothingVisible();
    }

    [Fact]
    public async Task A_disk_that_is_full_in_mid_pull_is_told_and_with_more_room_it_goes_on()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("full");
        string root = _store.Options.Root;
        Directory.CreateDirectory(root);
        LayerVerb.Shell($"mount -t tmpfs -o size=5m tmpfs {root}");
        try
        {
            var error = await Assert.ThrowsAsync<DockerEnvironmentException>(() => _store.PullAsync(Name(proxy, "full")));
            Assert.Equal("StoreFull", error.ErrorId);
            AssertNothingVisible();
            Assert.InRange(_store.PartialBytes + _store.Blobs.Sum(blob => new FileInfo(blob).Length), 1_000_000, 5_000_000);
            LayerVerb.Shell($"mount -o remount,size=64m {root}");
            long sent = proxy.Sent;
            await _store.PullAsync(Name(proxy, "full"));
            Assert.InRange(proxy.Sent - sent, 1, remote.Layers.Sum(l => l.Size) - 500_000);
            AssertPulled(remote);
        }
        finally
        {
            _store.Engine.Dispose();
            LayerVerb.Shell($"umount -l {root}");
        }
    }

    [Fact]
    public async Task Pulls_and_collections_at_once_lose_nothing()
    {
        (RemoteImage remote, FaultProxy proxy) = await MakeAsync("collected");
        RemoteImage second = Remote("faulty/collected2");
        for (int i = 0; i < 3; i++) await second.AddLayerAsync(Compression.Zstd, null, [($"g{i}", RemoteImage.Noise(i + 50, 300_000)), .. RemoteImage.Files($"e{i}", 300)]);
        await second.PutAsync("1");
        using ContainerEngine other = _store.Open(), pruning = _store.Open();
        var loose = new ImageImport { Path = await RootAsync(), Name = "loose:1" };
        bool done = false;
        Task prune = Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                await pruning.ImportImagesAsync(loose, null, CancellationToken.None);
                pruning.RemoveImage("loose:1", force: true);
            }
        });
        try
        {
            for (int round = 0; round < 5; round++)
            {
                await Task.WhenAll(_store.PullAsync(Name(proxy, "collected")), _store.PullAsync(second.Name("1"), engine: other));
                AssertPulled(remote, whole: false);
                _store.Engine.RemoveImage(Name(proxy, "collected"), force: true);
                other.RemoveImage(second.Name("1"), force: true);
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
            await prune;
        }

        using ContainerEngine last = _store.Open();
        Assert.Empty(last.GetImages(new ImageFilter()));
        Assert.Empty(_store.Blobs);
        _store.AssertWhole();
    }

    private string Name(FaultProxy proxy, string kind) => $"{proxy.Host}/faulty/{kind}:1";

    /// <summary>An image of two layers, the first the larger, and a proxy before its registry.</summary>
    private async Task<(RemoteImage Remote, FaultProxy Proxy)> MakeAsync(string kind)
    {
        RemoteImage remote = Remote($"faulty/{kind}");
        await remote.AddLayerAsync(Compression.Gzip, null, ("large", RemoteImage.Noise(1, Size)));
        await remote.AddLayerAsync(Compression.Gzip, null, [("other", RemoteImage.Noise(2, Size / 2)), .. RemoteImage.Files("d", 100)]);
        await remote.PutAsync("1");
        return (remote, Made(new FaultProxy(registries.Plain.Port, request => _judge(request))));
    }

    private void AssertNothingVisible() => Assert.Empty(_store.Engine.GetImages(new ImageFilter()));

    private void AssertPulled(RemoteImage remote, bool whole = true)
    {
        Assert.Contains(_store.Engine.GetImages(new ImageFilter()), image => image.Layers.Count == remote.Layers.Count);
        Assert.Contains(_store.Layers, layer => File.Exists(layer + "/large") && File.ReadAllBytes(layer + "/large").AsSpan().SequenceEqual(RemoteImage.Noise(1, Size)));
        if (!whole) return;
        _store.AssertWhole();
        Assert.Equal(0, _store.PartialBytes);
        Assert.Empty(Directory.GetFiles(Path.Combine(_store.Content, "pulls")));
    }

    private async Task<string> RootAsync()
    {
        string tar = Path.Combine(Path.GetDirectoryName(_store.Options.Root)!, "loose.tar");
        await using var writer = new System.Formats.Tar.TarWriter(File.Create(tar));
        await writer.WriteEntryAsync(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.Directory, "etc"));
        return tar;
    }

    private static async Task Until(Func<bool> condition)
    {
        for (long end = Environment.TickCount64 + 30_000; !condition();)
        {
            Assert.True(Environment.TickCount64 < end, "It did not come to that in 30 seconds.");
            await Task.Delay(5);
        }
    }

    private RemoteImage Remote(string repository) => Made(new RemoteImage(registries.Plain, repository));

    private T Made<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
