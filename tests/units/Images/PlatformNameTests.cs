using DockerPS.Engine.Images.Pull;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;
using Xunit;

namespace DockerPS.Units.Images;

public class PlatformNameTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("amd64", "linux/amd64")]
    [InlineData("X86_64", "linux/amd64")]
    [InlineData("aarch64", "linux/arm64")]
    [InlineData("arm/v7", "linux/arm/v7")]
    [InlineData("armhf", "linux/arm/v7")]
    [InlineData("windows/amd64", "windows/amd64")]
    [InlineData("linux/arm64/v8", "linux/arm64/v8")]
    public void Users_forms_are_understood(string text, string platform) => Assert.Equal(platform, PlatformName.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("a/b/c/d")]
    [InlineData("linux amd64")]
    public void What_is_none_is_refused(string text) =>
        Assert.Equal("InvalidPlatform", Assert.Throws<DockerArgumentException>(() => PlatformName.Parse(text)).ErrorId);

    [Theory]
    [InlineData("linux/arm64", "linux/arm64/v8", true)]
    [InlineData("linux/arm64/v8", "linux/arm64", true)]
    [InlineData("linux/arm", "linux/arm/v6", true)]
    [InlineData("linux/arm/v7", "linux/arm/v6", false)]
    [InlineData("linux/amd64", "windows/amd64", false)]
    public void A_variant_matters_when_it_was_asked_for(string wanted, string offered, bool matches) =>
        Assert.Equal(matches, PlatformName.Matches(PlatformName.Parse(wanted), PlatformName.Parse(offered)));

    [Fact]
    public void Attestations_are_no_images_and_the_plain_variant_is_best()
    {
        var index = new ImageIndex
        {
            Manifests =
            [
                Manifest("a", "linux/arm/v6"), Manifest("b", "linux/arm/v7"), Manifest("c", "unknown/unknown"),
                Manifest("d", "linux/arm/v7", (AnnotationKeys.DockerReferenceType, "attestation-manifest")),
            ],
        };
        ImageReference name = ImageReference.Parse("app");
        Assert.Equal(["b"], new PlatformChoice(name, PlatformName.Parse("linux/arm"), all: false).Of(index).Select(d => d.Digest));
        Assert.Equal(["a", "b"], new PlatformChoice(name, null, all: true).Of(index).Select(d => d.Digest).Order());
        var error = Assert.Throws<DockerNotFoundException>(() => new PlatformChoice(name, PlatformName.Parse("s390x"), all: false).Of(index));
        Assert.Equal("PlatformNotFound", error.ErrorId);
        Assert.Contains("linux/arm/v6, linux/arm/v7.", error.Message, StringComparison.Ordinal);
    }

    private static Descriptor Manifest(string digest, string platform, params (string Key, string Value)[] annotations) => new()
    {
        Digest = digest,
        Platform = platform.Split('/') is var parts
            ? new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) } : null,
        Annotations = annotations.Length == 0 ? null : annotations.ToDictionary(a => a.Key, a => a.Value),
    };
}
