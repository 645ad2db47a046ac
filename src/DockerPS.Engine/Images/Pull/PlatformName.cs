using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Pull;

/// <summary>Platforms as users write them, and whether an image is for one.</summary>
internal static class PlatformName
{
    /// <summary><c>os/architecture[/variant]</c>, or without a system, which is Linux then; also in the words of uname.</summary>
    /// <exception cref="DockerArgumentException">InvalidPlatform.</exception>
    public static Platform Parse(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('/');
        if (parts.Length is < 1 or > 3 || parts.Any(part => part.Length == 0 || part.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_.-")))
        {
            throw new DockerArgumentException(
                "InvalidPlatform", $"'{text}' is not a platform. Write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7.", text);
        }

        // arm/v7 has no system, and means Linux as an architecture alone does.
        bool named = parts.Length == 3 || (parts.Length == 2 && parts[0] is not ("arm" or "arm64" or "amd64"));
        string[] machine = named ? parts[1..] : parts;
        (string architecture, string? variant) = Canonical(machine[0]);
        return new Platform { Os = named ? parts[0] : "linux", Architecture = architecture, Variant = machine.Length == 2 ? machine[1] : variant };
    }

    /// <summary>Whether an image for <paramref name="offered"/> is what was asked for. A variant that was not asked for does not matter.</summary>
    public static bool Matches(Platform wanted, Platform offered) =>
        wanted.Os == offered.Os && wanted.Architecture == offered.Architecture
        && (string.IsNullOrEmpty(wanted.Variant) || VariantOf(wanted) == VariantOf(offered));

    /// <inheritdoc cref="Matches(Platform, Platform)"/>
    public static bool Matches(Platform wanted, string offered) => Matches(wanted, Parse(offered));

    /// <summary>v8 is all that arm64 has had for long, so that hardly anybody writes it.</summary>
    private static string VariantOf(Platform platform) =>
        string.IsNullOrEmpty(platform.Variant) && platform.Architecture == "arm64" ? "v8" : platform.Variant ?? "";

    private static (string Architecture, string? Variant) Canonical(string architecture) => architecture switch
    {
        "x86_64" or "x86-64" => ("amd64", null),
        "i386" or "i486" or "i586" or "i686" or "x86" => ("386", null),
        "aarch64" => ("arm64", null),
        "armhf" => ("arm", "v7"),
        "armel" => ("arm", "v6"),
        _ => (architecture, null),
    };
}
