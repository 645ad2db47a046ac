using System.Text.RegularExpressions;

namespace DockerPS.Engine.Images.Archives;

/// <summary>The files of an image's archive by name, wherever their bytes are.</summary>
internal sealed partial class ArchiveContents
{
    private const int MaxLinks = 16;
    private readonly Dictionary<string, ArchiveFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    public bool IsOciLayout => _files.ContainsKey("index.json") && _files.ContainsKey("oci-layout");

    public bool IsDockerArchive => _files.ContainsKey("manifest.json");

    public void Add(string name, ArchiveFile file) => _files[Normalize(name)] = file;

    /// <summary>A link to another file of the archive: old archives share a layer so.</summary>
    /// <param name="name">Name of the link.</param>
    /// <param name="target">What it leads to.</param>
    /// <param name="relative">The target is relative to the link's directory (symbolic), not to the archive (hard).</param>
    public void AddLink(string name, string target, bool relative)
    {
        string link = Normalize(name);
        int slash = link.LastIndexOf('/');
        _links[link] = Normalize(relative && slash >= 0 ? $"{link[..slash]}/{target}" : target);
    }

    public ArchiveFile? Find(string name)
    {
        string wanted = Normalize(name);
        for (int i = 0; i < MaxLinks; i++)
        {
            if (_files.TryGetValue(wanted, out ArchiveFile? file)) return file;
            if (!_links.TryGetValue(wanted, out string? target)) return null;
            wanted = target;
        }

        return null;
    }

    /// <exception cref="DockerIntegrityException">ArchiveInvalid.</exception>
    public ArchiveFile Get(string name) => Find(name) ?? throw ArchiveErrors.Invalid($"'{name}'", "it is not in the archive");

    /// <summary>An entry that image archives never have and root file systems always: nothing more needs to be read.</summary>
    public static bool BelongsToRootFileSystem(string name)
    {
        string normal = Normalize(name);
        int slash = normal.IndexOf('/', StringComparison.Ordinal);
        return RootDirectory().IsMatch(slash < 0 ? normal : normal[..slash]);
    }

    /// <summary>Resolves '.' and '..' by text and never above the archive's root.</summary>
    private static string Normalize(string name)
    {
        if (name.Length > 0 && name[0] != '.' && name[0] != '/' && !name.Contains("/.", StringComparison.Ordinal)) return name.TrimEnd('/');
        var parts = new List<string>();
        foreach (string part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
        }

        return string.Join('/', parts);
    }

    [GeneratedRegex(@"\A(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)\z")]
    private static partial Regex RootDirectory();
}
