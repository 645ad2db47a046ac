using System.Security.Cryptography;
using DockerPS.Engine;
using DockerPS.Integration.Registry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>A store of one test, and what must hold of it whatever happened.</summary>
internal sealed class PullStore : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-pull-").FullName;
    private readonly RegistryFixture _registries;

    public PullStore(RegistryFixture registries)
    {
        _registries = registries;
        Options = new EngineOptions
        {
            Root = Path.Combine(_directory, "root"), RunRoot = Path.Combine(_directory, "run"), RuntimePath = RuntimeExecutable.Path, Registry = registries.Options(),
        };
        Engine = Open();
    }

    public EngineOptions Options { get; init; }

    public ContainerEngine Engine { get; }

    public string Content => Path.Combine(Options.Root, "content");

    public string[] Blobs => Directory.GetFiles(Path.Combine(Content, "blobs", "sha256"));

    /// <summary>Bytes of blobs that are not all there.</summary>
    public long PartialBytes => Directory.GetFiles(Path.Combine(Content, "partial")).Sum(file => new FileInfo(file).Length);

    /// <summary>The <c>diff</c> directories of unpacked layers.</summary>
    public string[] Layers => [.. Directory.GetDirectories(Path.Combine(Options.Root, "layers")).Where(d => !d.EndsWith(".tmp", StringComparison.Ordinal)).Select(d => d + "/diff")];

    /// <summary>Another session.</summary>
    public ContainerEngine Open() => ContainerEngine.Open(Options, NullLoggerFactory.Instance);

    public Task<IReadOnlyList<ContainerImage>> PullAsync(string reference, string? platform = null, bool all = false, ContainerEngine? engine = null) =>
        (engine ?? Engine).PullImagesAsync(
            new ImagePull { Reference = reference, Platform = platform, AllPlatforms = all }, null, TestContext.Current.CancellationToken);

    /// <summary>Every blob has its digest, every layer is whole, nothing half-made is left, and what the catalogue names is there.</summary>
    public void AssertWhole()
    {
        foreach (string blob in Blobs)
        {
            using FileStream file = File.OpenRead(blob);
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(SHA256.HashData(file)));
        }

        foreach (string layer in Layers) Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(layer)!, "size")), $"{layer} is not whole.");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Content, "ingest")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Options.Root, "layers", ".tmp")));
        Assert.All(Engine.GetImages(new ImageFilter()), image => Assert.Contains(Blobs, blob => image.Id.EndsWith(Path.GetFileName(blob), StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
