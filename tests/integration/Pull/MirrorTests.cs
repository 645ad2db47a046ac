using System.Collections.Concurrent;
using DockerPS.Engine;
using DockerPS.Integration.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Microsoft.Extensions.Logging;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>A mirror that sends what is wrong costs a warning and some time, and no pull.</summary>
public sealed class MirrorTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Size = 2_000_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-mirrors-").FullName;
    private readonly List<IDisposable> _made = [];
    private readonly Warnings _warnings = new();

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("another archive")]
    [InlineData("changed config")]
    [InlineData("changed manifest")]
    [InlineData("manifest without config")]
    [InlineData("no manifest")]
    public async Task What_a_mirror_sends_wrong_comes_from_the_next(string fault)
    {
        RemoteImage remote = await MakeAsync(fault);
        FaultProxy bad = Proxy(request => FaultOf(fault, remote, request)), good = Proxy(_ => null), registry = Proxy(_ => null);
        ContainerImage image = Assert.Single(await PullAsync(remote, registry, bad, good));
        Assert.Equal(remote.Digest, image.Digest);
        Assert.Equal(remote.Layers.Count, image.Layers.Count);
        if (fault != "shorter") Assert.Contains(_warnings.Texts, text => text.StartsWith(bad.Host, StringComparison.Ordinal));
        Assert.DoesNotContain(_warnings.Texts, text => text.StartsWith(good.Host, StringComparison.Ordinal));
        // The registry is asked only when no mirror can serve.
        Assert.DoesNotContain(registry.Requests, request => request.Target.Contains("/blobs/", StringComparison.Ordinal));
        Assert.NotEmpty(bad.Requests);
    }

    [Fact]
    public async Task A_digest_that_no_endpoint_has_right_is_an_error()
    {
        RemoteImage remote = await MakeAsync("nowhere");
        FaultProxy mirror = Proxy(request => FaultOf("changed", remote, request)), registry = Proxy(request => FaultOf("changed", remote, request));
        var error = await Assert.ThrowsAsync<DockerIntegrityException>(() => PullAsync(remote, registry, mirror));
        Assert.Equal("DigestMismatch", error.ErrorId);
        Assert.Contains(remote.Layers[0].Digest, error.Message, StringComparison.Ordinal);
        Assert.Contains(_warnings.Texts, text => text.StartsWith(mirror.Host, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_digest_that_a_mirror_made_up_does_not_count()
    {
        RemoteImage remote = await MakeAsync("madeup");
        FaultProxy mirror = Proxy(request => request.Method == "HEAD"
            ? Fault.Status(200, "", $"Docker-Content-Digest: {Digest.Of("made up"u8)}", $"Content-Type: {MediaTypes.Manifest}")
            : null);
        FaultProxy registry = Proxy(_ => null);
        using ContainerEngine engine = Open(registry, mirror);
        // Of a repository that is known the digest is asked for first.
        RemoteImage other = await MakeAsync("madeup", tag: "2");
        foreach ((RemoteImage image, string tag) in new[] { (other, "2"), (remote, "1") })
        {
            IReadOnlyList<ContainerImage> pulled = await engine.PullImagesAsync(
                new ImagePull { Reference = $"{registry.Host}/mirrored/madeup:{tag}" }, null, TestContext.Current.CancellationToken);
            Assert.Equal(image.Digest, Assert.Single(pulled).Digest);
        }
    }

    private static Fault? FaultOf(string fault, RemoteImage remote, FaultRequest request)
    {
        bool layer = request.Target.EndsWith(remote.Layers[0].Digest, StringComparison.Ordinal);
        bool config = request.Target.Contains("/blobs/", StringComparison.Ordinal) && !remote.Layers.Any(l => request.Target.EndsWith(l.Digest, StringComparison.Ordinal));
        bool manifest = request.Method == "GET" && request.Target.Contains("/manifests/", StringComparison.Ordinal);
        return fault switch
        {
            "changed" when layer => Fault.Corrupt(1_000_000),
            "shorter" when layer => Fault.Truncate(1_000_000),
            "longer" when layer => Fault.Status(200, new string('x', Size * 2)),
            "another archive" when layer => Fault.Status(200, new string('x', (int)remote.Layers[0].Size)),
            "changed config" when config => Fault.Corrupt(10),
            "changed manifest" when manifest => Fault.Corrupt(10),
            "manifest without config" when manifest => Fault.Status(
                200, $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","layers":[]}""", $"Content-Type: {MediaTypes.Manifest}"),
            "no manifest" when manifest => Fault.Status(200, """{"what":"ever"}""", "Content-Type: application/json"),
            _ => null,
        };
    }

    private Task<IReadOnlyList<ContainerImage>> PullAsync(RemoteImage remote, FaultProxy registry, params FaultProxy[] mirrors)
    {
        ContainerEngine engine = Open(registry, mirrors);
        _made.Add(engine);
        return engine.PullImagesAsync(
            new ImagePull { Reference = remote.Name("1").Replace(registries.Plain.Host, registry.Host, StringComparison.Ordinal) }, null, TestContext.Current.CancellationToken);
    }

    private ContainerEngine Open(FaultProxy registry, params FaultProxy[] mirrors)
    {
        string configuration = Path.Combine(_directory, "registries.conf");
        File.WriteAllText(
            configuration,
            $"[[registry]]\nprefix = \"{registry.Host}\"\nlocation = \"{registry.Host}\"\n"
            + string.Concat(mirrors.Select(mirror => $"[[registry.mirror]]\nlocation = \"{mirror.Host}\"\n")));
        return ContainerEngine.Open(
            new EngineOptions
            {
                Root = Path.Combine(_directory, "store"), RunRoot = Path.Combine(_directory, "run"), RuntimePath = RuntimeExecutable.Path,
                Registry = registries.Options("mirrors") with { RegistriesConfiguration = configuration },
            },
            _warnings);
    }

    private async Task<RemoteImage> MakeAsync(string fault, string tag = "1")
    {
        var remote = new RemoteImage(registries.Plain, "mirrored/" + fault.Replace(' ', '-'));
        _made.Add(remote);
        await remote.AddLayerAsync(Compression.Gzip, null, ($"large{tag}", RemoteImage.Noise(7, Size)));
        await remote.AddLayerAsync(Compression.Gzip, null, [.. RemoteImage.Files("small", 50)]);
        await remote.PutAsync(tag);
        return remote;
    }

    private FaultProxy Proxy(Func<FaultRequest, Fault?> judge)
    {
        var proxy = new FaultProxy(registries.Plain.Port, judge);
        _made.Add(proxy);
        return proxy;
    }

    /// <summary>What the engine says as a warning.</summary>
    private sealed class Warnings : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Texts.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
