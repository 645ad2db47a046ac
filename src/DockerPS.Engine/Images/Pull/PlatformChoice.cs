using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Pull;

/// <summary>Chooses of an index the manifests that are wanted.</summary>
/// <param name="reference">The image, for errors.</param>
/// <param name="platform">What the user asked for; null means what this machine runs.</param>
/// <param name="all">All platforms.</param>
internal sealed class PlatformChoice(ImageReference reference, Platform? platform, bool all)
{
    private const int MostListed = 20;

    /// <summary>One manifest (or an index again) for the platform, or all; what this machine runs comes first.</summary>
    /// <exception cref="DockerNotFoundException">PlatformNotFound.</exception>
    public IReadOnlyList<Descriptor> Of(ImageIndex index)
    {
        List<Descriptor> images = [.. (index.Manifests ?? []).Where(descriptor => !Attestation.Is(descriptor))];
        if (all && images.Count > 0)
            return [.. images.OrderByDescending(d => d.Platform is null || HostPlatform.Runs(d.Platform)).ThenByDescending(d => HostPlatform.Preference(d.Platform))];
        Descriptor? chosen = images.Where(d => d.Platform is null || IsWanted(d.Platform)).MaxBy(d => HostPlatform.Preference(d.Platform));
        return chosen is not null ? [chosen] : throw NotFound(Listed(images));
    }

    /// <summary>Whether an image of one platform only may be taken. Without a wish it may be for another machine: it can be looked at.</summary>
    /// <exception cref="DockerNotFoundException">PlatformNotFound.</exception>
    public void CheckUnlessAll(string offered)
    {
        if (platform is not null && !PlatformName.Matches(platform, offered)) throw NotFound(offered);
    }

    private bool IsWanted(Platform offered) => platform is null ? HostPlatform.Runs(offered) : PlatformName.Matches(platform, offered);

    private static string Listed(List<Descriptor> images) =>
        string.Join(", ", images.Take(MostListed).Select(d => d.Platform)) + (images.Count > MostListed ? $" and {images.Count - MostListed} others" : "");

    private DockerNotFoundException NotFound(string offered) => new(
        "PlatformNotFound",
        $"'{reference.Familiar}' has no image for {platform?.ToString() ?? HostPlatform.Name}, only for {(offered.Length == 0 ? "none at all" : offered)}. "
        + "Choose one of those with -Platform, or another tag.",
        reference.Familiar);
}
