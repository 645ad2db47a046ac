namespace DockerPS;

/// <summary>A device of the host in a container. Converts from <c>/dev/fuse[:/dev/inside[:rwm]]</c>.</summary>
public sealed record ContainerDevice
{
    public string Source { get; init; } = "";

    public string Target { get; init; } = "";

    /// <summary>Of <c>r</c>, <c>w</c> and <c>m</c>(knod).</summary>
    public string Permissions { get; init; } = "rwm";

    /// <summary>Parses <c>SOURCE[:TARGET[:PERMISSIONS]]</c>; a second part of r, w and m alone is the permissions, as in Docker.</summary>
    /// <exception cref="FormatException">The text is not a device.</exception>
    public static ContainerDevice Parse(string text)
    {
        string[] parts = (text ?? "").Split(':');
        string source = parts[0];
        string target = source;
        string permissions = "rwm";
        if (parts.Length == 2 && IsPermissions(parts[1])) permissions = parts[1];
        else if (parts.Length is 2 or 3) target = parts[1];
        if (parts.Length == 3) permissions = parts[2];
        if (parts.Length > 3 || !source.StartsWith('/') || !target.StartsWith('/') || !IsPermissions(permissions))
        {
            throw new FormatException(
                $"'{text}' is not a device. Write /dev/NAME, or /dev/NAME:/dev/INSIDE:rwm with the permissions that it needs.");
        }
        return new ContainerDevice { Source = source, Target = target, Permissions = permissions };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}:{Target}:{Permissions}";

    private static bool IsPermissions(string text) =>
        text.Length is > 0 and <= 3 && text.All("rwm".Contains) && text.Distinct().Count() == text.Length;
}
