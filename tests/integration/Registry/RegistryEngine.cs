using DockerPS.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>An engine on a store of its own, with settings for registries of its own.</summary>
internal sealed class RegistryEngine : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dockerps-registries-").FullName;

    public RegistryEngine(RegistryOptions registry) => Engine = ContainerEngine.Open(
        new EngineOptions { Root = Path.Combine(_root, "store"), RunRoot = Path.Combine(_root, "run"), RuntimePath = RuntimeExecutable.Path, Registry = registry },
        NullLoggerFactory.Instance);

    public ContainerEngine Engine { get; }

    public string In(string name) => Path.Combine(_root, name);

    /// <summary>Stores the image of a layout under a name.</summary>
    public async Task<ContainerImage> ImportAsync(PushedImage image, string name) =>
        Assert.Single(await Engine.ImportImagesAsync(new ImageImport { Path = image.Path, Name = name }, null, CancellationToken.None));

    /// <summary>Stores an image with one plain layer of so many bytes.</summary>
    public async Task<ContainerImage> ImportPlainAsync(string name, int size)
    {
        File.WriteAllBytes(In("root.tar"), PushedImage.Tar("file", [.. Enumerable.Range(0, size).Select(i => (byte)(i * i >> 7))]));
        return Assert.Single(await Engine.ImportImagesAsync(new ImageImport { Path = In("root.tar"), Name = name }, null, CancellationToken.None));
    }

    public Task<ContainerImagePush> PushAsync(string name, RegistryAccess? access = null, string? destination = null) => Engine.PushImageAsync(
        new ImagePush { Name = name, Destination = destination, Access = access ?? RegistryAccess.Default }, null, CancellationToken.None);

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
