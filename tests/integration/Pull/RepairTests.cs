using DockerPS.Engine;
using DockerPS.Integration.Registry;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>Damage of stored images is found, and repaired from the registry.</summary>
public sealed class RepairTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly PullStore _store = new(registries);
    private readonly RemoteImage _remote = new(registries.Plain, "repair/app");

    public void Dispose()
    {
        _remote.Dispose();
        _store.Dispose();
    }

    [Theory]
    [InlineData("Index")]
    [InlineData("Manifest")]
    [InlineData("Config")]
    [InlineData("Layer")]
    public async Task A_damaged_blob_is_told_with_both_digests_and_repaired(string part)
    {
        ContainerImage image = await PullAsync();
        string digest = DigestOf(image, part);
        await File.WriteAllTextAsync(Blob(digest), "damaged", TestContext.Current.CancellationToken);
        ContainerImageProblem problem = Assert.Single((await TestAsync(repair: false)).Problems);
        Assert.Equal((part, digest, false), (problem.Part, problem.Digest, problem.Repaired));
        Assert.Equal(2, problem.Reason.Split("sha256:").Length - 1);
        await RepairedAsync(part, digest);
    }

    [Theory]
    [InlineData("Manifest")]
    [InlineData("Config")]
    [InlineData("Layer")]
    public async Task A_missing_blob_is_fetched(string part)
    {
        string digest = DigestOf(await PullAsync(), part);
        File.Delete(Blob(digest));
        await RepairedAsync(part, digest);
    }

    [Fact]
    public async Task Files_that_are_gone_are_unpacked_again_from_the_blob_or_the_registry()
    {
        ContainerImage image = await PullAsync();
        string digest = DigestOf(image, "Layer");
        Directory.Delete(Path.GetDirectoryName(_store.Layers.Single())!, recursive: true);
        ContainerImageCheck check = await TestAsync(repair: true);
        Assert.Equal("Files", Assert.Single(check.Problems).Part);
        Assert.True(check.IsValid);

        Directory.Delete(Path.GetDirectoryName(_store.Layers.Single())!, recursive: true);
        File.Delete(Blob(digest));
        check = await TestAsync(repair: true);
        Assert.Equal(["Layer", "Files"], check.Problems.Select(problem => problem.Part));
        Assert.True(check.IsValid);
        Assert.True(File.Exists(_store.Layers.Single() + "/f"));
        _store.AssertWhole();
    }

    [Fact]
    public async Task What_the_registry_has_no_more_stays_as_it_is_and_says_why()
    {
        ContainerImage image = await PullAsync();
        string digest = DigestOf(image, "Layer");
        await File.WriteAllTextAsync(Blob(digest), "damaged", TestContext.Current.CancellationToken);
        Directory.Delete(Path.Combine(registries.Plain.Storage, "docker", "registry", "v2", "repositories", "repair"), recursive: true);
        ContainerImageCheck check = await TestAsync(repair: true);
        Assert.False(check.IsValid);
        Assert.Contains("404", Assert.Single(check.Problems).RepairError, StringComparison.Ordinal);
        Assert.Equal("damaged", await File.ReadAllTextAsync(Blob(digest), TestContext.Current.CancellationToken));
    }

    private async Task<ContainerImage> PullAsync()
    {
        await _remote.AddLayerAsync(Compression.Gzip, null, ("f", RemoteImage.Noise(Random.Shared.Next(), 100_000)));
        await _remote.PutIndexAsync("1", await _remote.PutAsync(null));
        return Assert.Single(await _store.PullAsync(_remote.Name("1"), "linux/amd64"));
    }

    private string DigestOf(ContainerImage image, string part) => part switch
    {
        "Index" => image.Digest,
        "Config" => image.Id,
        "Layer" => _remote.Layers[0].Digest,
        _ => "sha256:" + Path.GetFileName(_store.Blobs.Single(blob => !new[] { image.Digest, image.Id, _remote.Layers[0].Digest }.Any(d => d.EndsWith(Path.GetFileName(blob), StringComparison.Ordinal)))),
    };

    private string Blob(string digest) => Path.Combine(_store.Content, "blobs", "sha256", digest[7..]);

    private async Task<ContainerImageCheck> TestAsync(bool repair) => Assert.Single(
        await _store.Engine.TestImagesAsync(new ImageCheckRequest { Repair = repair }, null, TestContext.Current.CancellationToken));

    private async Task RepairedAsync(string part, string digest)
    {
        ContainerImageCheck check = await TestAsync(repair: true);
        ContainerImageProblem problem = Assert.Single(check.Problems);
        Assert.Equal((part, digest, true, ""), (problem.Part, problem.Digest, problem.Repaired, problem.RepairError));
        Assert.True(check.IsValid);
        Assert.Empty((await TestAsync(repair: false)).Problems);
        _store.AssertWhole();
    }
}
