namespace DockerPS.Engine.Images.Comparison;

/// <summary>Reads what dpkg and apk have installed, from their databases' text.</summary>
internal static class PackageDatabase
{
    /// <summary>Where they are, files or directories of files (Debian's distroless images have one a package).</summary>
    public static IReadOnlyList<string> Paths { get; } =
        ["/var/lib/dpkg/status", "/var/lib/dpkg/status.d", "/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

    /// <summary>Versions by name; a package of a second architecture has it in its name.</summary>
    public static SortedDictionary<string, string> Read(IEnumerable<string> lines)
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var entry = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.Append(""))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.Length > 0)
            {
                // A line that begins with white space continues a long text, of which none is wanted.
                if (colon > 0 && !char.IsWhiteSpace(line[0])) entry.TryAdd(line[..colon], line[(colon + 1)..].Trim());
                continue;
            }

            Add(packages, entry);
            entry.Clear();
        }

        return packages;
    }

    private static void Add(SortedDictionary<string, string> packages, Dictionary<string, string> entry)
    {
        string? name = entry.GetValueOrDefault("Package") ?? entry.GetValueOrDefault("P");
        string? version = entry.GetValueOrDefault("Version") ?? entry.GetValueOrDefault("V");
        if (name is null || version is null) return;
        if (entry.TryGetValue("Status", out string? status) && !status.EndsWith(" installed", StringComparison.Ordinal)) return;
        string? architecture = entry.GetValueOrDefault("Architecture") ?? entry.GetValueOrDefault("A");
        if (!packages.TryAdd(name, version)) packages[$"{name}:{architecture}"] = version;
    }
}
