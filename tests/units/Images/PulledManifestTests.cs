using System.Text;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Registry;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>Manifests of hostile or broken registries are refused before anything is fetched.</summary>
public class PulledManifestTests
{
    private static readonly string Digest = DockerPS.Oci.Digests.Digest.Of("x"u8).ToString();

    private static string Config => $$"""{"mediaType":"{{MediaTypes.Config}}","digest":"{{Digest}}","size":1}""";

    [Fact]
    public void A_whole_one_is_read() =>
        Assert.Single(Read($$"""{"config":{{Config}},"layers":[{"digest":"{{Digest}}","size":7}]}""").Layers);

    public static TheoryData<string> Broken() =>
    [
        "not json", "[]", "{}", """{"layers":[]}""",
        $$"""{"config":{"mediaType":"{{MediaTypes.Config}}","digest":"sha256:1","size":1} }""",
        $$"""{"config":{"mediaType":"{{MediaTypes.Config}}","digest":"{{Digest}}","size":-1} }""",
        $$"""{"config":{"mediaType":"{{MediaTypes.Config}}","digest":"{{Digest}}","size":99999999999} }""",
        $$"""{"config":{{Config}},"layers":[{"digest":"../../etc/passwd","size":7}]}""",
        $$"""{"config":{{Config}},"layers":[{"digest":"{{Digest}}","size":-7}]}""",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_one_is_refused(string text)
    {
        var error = Assert.Throws<DockerIntegrityException>(() => Read(text));
        Assert.Equal(("ManifestInvalid", "app:1"), (error.ErrorId, error.Subject));
    }

    [Fact]
    public void Another_kind_of_artifact_is_told_by_its_type()
    {
        var error = Assert.Throws<DockerArgumentException>(
            () => Read($$"""{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{{Digest}}","size":1} }"""));
        Assert.Equal("ImageTypeNotSupported", error.ErrorId);
        Assert.Contains("helm", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(499, null)]
    [InlineData(500, "TooManyLayers")]
    public void More_layers_than_can_be_mounted_are_refused(int layers, string? errorId)
    {
        string layer = $$"""{"digest":"{{Digest}}","size":7}""";
        Exception? error = Record.Exception(() => Read($$"""{"config":{{Config}},"layers":[{{string.Join(',', Enumerable.Repeat(layer, layers))}}]}"""));
        Assert.Equal(errorId, (error as DockerArgumentException)?.ErrorId);
    }

    private static PulledManifest Read(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return PulledManifest.Read(new RemoteManifest(DockerPS.Oci.Digests.Digest.Of(bytes), MediaTypes.Manifest, bytes), "app:1");
    }
}
