using System.Globalization;

namespace DockerPS;

/// <summary>A resource limit. Converts from <c>nofile=1024[:4096]</c>.</summary>
public sealed record ContainerUlimit
{
    /// <summary><c>nofile</c>, <c>nproc</c>, <c>core</c> … as in setrlimit(2), lower case, without RLIMIT_.</summary>
    public string Name { get; init; } = "";

    /// <summary>-1 is unlimited.</summary>
    public long Soft { get; init; }

    /// <summary>-1 is unlimited.</summary>
    public long Hard { get; init; }

    private static readonly string[] Names =
    [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime",
        "sigpending", "stack",
    ];

    /// <summary>Parses <c>NAME=SOFT[:HARD]</c>; hard is soft when left out, <c>unlimited</c> is -1.</summary>
    /// <exception cref="FormatException">The text is not a limit, its name is unknown, or soft is above hard.</exception>
    public static ContainerUlimit Parse(string text)
    {
        string[] parts = (text ?? "").Split('=', 2);
        string name = parts[0].Trim().ToLowerInvariant();
        string[] values = parts.Length == 2 ? parts[1].Split(':') : [];
        if (!Names.Contains(name))
            throw new FormatException($"'{text}' names no resource limit. Write one of {string.Join(", ", Names)}, such as nofile=1024:4096.");
        if (values.Length is 0 or > 2 || !TryValue(values[0], out long soft) || !TryValue(values[^1], out long hard))
            throw new FormatException($"'{text}' is not a resource limit. Write NAME=SOFT or NAME=SOFT:HARD, such as nofile=1024:4096.");
        if (hard != -1 && (soft == -1 || soft > hard))
            throw new FormatException($"'{text}' has a soft limit above its hard limit. Raise the hard one.");
        return new ContainerUlimit { Name = name, Soft = soft, Hard = hard };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Soft}:{Hard}");

    private static bool TryValue(string text, out long value)
    {
        value = -1;
        return string.Equals(text, "unlimited", StringComparison.OrdinalIgnoreCase)
            || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= -1);
    }
}
