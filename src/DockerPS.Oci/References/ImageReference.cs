using System.Text.RegularExpressions;
using DockerPS.Oci.Digests;

namespace DockerPS.Oci.References;

/// <summary>
/// Name of an image: <c>[domain/]path[:tag][@digest]</c>, by the grammar of github.com/distribution/reference, with Docker's
/// familiar forms: without a domain it is on docker.io, and there without a path under library/.
/// </summary>
public sealed partial record ImageReference
{
    /// <summary>Domain of names that say none.</summary>
    public const string DefaultDomain = "docker.io";

    /// <summary>Tag of names that say neither tag nor digest.</summary>
    public const string DefaultTag = "latest";

    private const string OfficialPath = "library/";
    private const int LongestName = 255;

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>Host and optional port of the registry.</summary>
    public string Domain { get; }

    /// <summary>Repository on the registry (<c>library/mysql</c>).</summary>
    public string Path { get; }

    public string? Tag { get; private init; }

    public Digest? Digest { get; private init; }

    /// <summary>Complete name without tag and digest (<c>docker.io/library/mysql</c>).</summary>
    public string CanonicalRepository => $"{Domain}/{Path}";

    /// <summary>Name without tag and digest as people write it (<c>mysql</c>, <c>localhost:5000/a/b</c>).</summary>
    public string Repository =>
        Domain != DefaultDomain ? CanonicalRepository
        : Path.StartsWith(OfficialPath, StringComparison.Ordinal) && !Path.AsSpan(OfficialPath.Length).Contains('/')
            ? Path[OfficialPath.Length..]
            : Path;

    /// <summary>The complete form.</summary>
    public string Canonical => CanonicalRepository + Suffix;

    /// <summary>The form that people write.</summary>
    public string Familiar => Repository + Suffix;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is { } digest ? "@" + digest : "");

    /// <summary>Parses any form. Neither tag nor digest is made up: see <see cref="WithDefaultTag"/>.</summary>
    /// <exception cref="InvalidReferenceException">The text breaks the grammar.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, out ImageReference? reference) is { } reason ? throw new InvalidReferenceException(text, reason) : reference!;

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ImageReference? reference) =>
        Read(text, out reference) is null;

    /// <summary>This name with the tag latest when it has neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? this with { Tag = DefaultTag } : this;

    /// <summary>This repository's content of a digest.</summary>
    public ImageReference WithoutTag(Digest digest) => this with { Tag = null, Digest = digest };

    /// <summary>This name without its digest.</summary>
    public ImageReference WithoutDigest() => this with { Digest = null };

    /// <inheritdoc/>
    public override string ToString() => Familiar;

    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        if (string.IsNullOrEmpty(text)) return "it is empty.";
        string name = text;
        Digest? digest = null;
        int at = name.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Digests.Digest.TryParse(name[(at + 1)..], out Digest parsed))
                return $"'{name[(at + 1)..]}' is not a digest. Write @sha256: and 64 lower-case hexadecimal digits.";
            digest = parsed;
            name = name[..at];
        }

        string? tag = null;
        int colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            if (!TagPattern().IsMatch(tag))
                return $"'{tag}' is not a tag. A tag has up to 128 letters, digits, '_', '.' and '-', and begins with none of the last two.";
            name = name[..colon];
        }

        if (tag is null && digest is null && Id().IsMatch(name))
            return "64 hexadecimal digits are an image id and cannot be a name.";
        (string domain, string path) = SplitDomain(name);
        if (path.Length == 0) return "the name is missing.";
        if (!DomainPattern().IsMatch(domain)) return $"'{domain}' is not a registry's host or host:port.";
        if (path.Any(char.IsAsciiLetterUpper)) return "a repository's name must be lower case.";
        if (!PathPattern().IsMatch(path))
        {
            return $"'{path}' is not a repository's name. Use lower-case letters and digits, parted by one '.', one or two '_', "
                + "or '-', and '/' between components.";
        }

        if (domain.Length + 1 + path.Length > LongestName) return $"a name has at most {LongestName} characters.";
        reference = new ImageReference(domain, path, tag, digest);
        return null;
    }

    /// <summary>The first component is a domain only when it cannot be a path: it has a dot, a port or a capital, or is localhost.</summary>
    private static (string Domain, string Path) SplitDomain(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool isDomain = slash >= 0
            && (first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        string domain = isDomain ? first : DefaultDomain;
        string path = isDomain ? name[(slash + 1)..] : name;
        if (domain == "index.docker.io") domain = DefaultDomain;
        if (domain == DefaultDomain && path.Length > 0 && !path.Contains('/', StringComparison.Ordinal)) path = OfficialPath + path;
        return (domain, path);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?\z")]
    private static partial Regex DomainPattern();

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\A[a-f0-9]{64}\z")]
    private static partial Regex Id();
}
