using System.Net;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Pull;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Store;

internal sealed partial class ImageStore
{
    /// <summary>An image of a literal reference, id or id prefix, or null.</summary>
    /// <exception cref="DockerArgumentException">InvalidReference.</exception>
    /// <exception cref="DockerConflictException">ImageAmbiguous.</exception>
    public NamedImage? Find(string name)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        if (ImageReference.TryParse(name, out ImageReference? reference) && FindByReference(lease, reference) is { } named) return named;
        if (IdDigits(name) is { } digits)
        {
            string? id = FindId(lease, name, digits);
            if (id is not null) return ImageTable.ById(lease, id)[0];
            if (digits.Length == 64 && ImageTable.ByManifest(lease, "sha256:" + digits) is [var first, ..]) return first;
        }
        else if (reference is null)
        {
            ParseName(name);
        }

        return null;
    }

    /// <summary>As <see cref="Find(string)"/>, for a platform: of an image that was pulled for several, the one of that platform.</summary>
    public NamedImage? Find(string name, Platform? platform)
    {
        if (Find(name) is not { } found) return null;
        if (platform is null || PlatformName.Matches(platform, found.Row.Platform)) return found;
        foreach (string digest in found.Row.RepositoryDigests)
        {
            int at = digest.IndexOf('@', StringComparison.Ordinal);
            foreach (NamedImage sibling in ByRepositoryDigest(digest[..at], digest[(at + 1)..]))
                if (PlatformName.Matches(platform, sibling.Row.Platform)) return sibling;
        }

        return null;
    }

    /// <summary>Images of a filter's names, newest first; each name that is literal must name something.</summary>
    public List<NamedImage> List(IReadOnlyList<string> names, bool dangling) => Filter(All(withRemoved: false), new ImageFilter { Names = names, Dangling = dangling });

    /// <summary>Images by filter, newest first, with what they share with others and where they are mounted.</summary>
    public IReadOnlyList<ContainerImage> Present(ImageFilter filter)
    {
        List<NamedImage> all = All(withRemoved: true);
        var uses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (ImageRow row in all.Select(image => image.Row).DistinctBy(row => row.Id))
            foreach (ImageLayer layer in row.Layers.DistinctBy(layer => layer.ChainId)) uses[layer.ChainId] = uses.GetValueOrDefault(layer.ChainId) + 1;
        ILookup<string, string> mounts = Mounts.List().ToLookup(mount => mount.ImageId, mount => mount.Path);
        return [.. Filter(filter.All ? all : [.. all.Where(image => !image.Row.Removed)], filter)
            .Select(image => image.ToImage(chain => uses.GetValueOrDefault(chain) > 1, CompressedLength, [.. mounts[image.Row.Id]]))];
    }

    private List<NamedImage> All(bool withRemoved)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        return ImageTable.All(lease, withRemoved);
    }

    private List<NamedImage> Filter(List<NamedImage> all, ImageFilter filter)
    {
        if (filter.Names.Count > 0)
        {
            var chosen = new HashSet<NamedImage>();
            foreach (string name in filter.Names) chosen.UnionWith(Choose(all, name));
            all.RemoveAll(image => !chosen.Contains(image));
        }

        all.RemoveAll(image => (filter.Dangling && image.Reference is not null)
            || (filter.Before is { } before && image.Row.Created >= before)
            || (filter.Since is { } since && image.Row.Created <= since)
            || !filter.Labels.All(label => HasLabel(image.Row, label)));
        return all;
    }

    private static bool HasLabel(ImageRow row, string asked)
    {
        int equals = asked.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? asked : asked[..equals];
        return row.Config.Labels.TryGetValue(key, out string? value) && (equals < 0 || value == asked[(equals + 1)..]);
    }

    private long? CompressedLength(string blob)
    {
        var file = new FileInfo(_layout.Blob(Oci.Digests.Digest.Parse(blob)));
        return file.Exists ? file.Length : null;
    }

    /// <summary>Repositories of registries that have images with this blob, by their names.</summary>
    public IReadOnlyList<string> RepositoriesOf(string blob)
    {
        List<NamedImage> all;
        using (CatalogueDatabase.Lease lease = _catalogue.Rent()) all = ImageTable.All(lease, withRemoved: true);
        return [.. all.Where(image => image.Row.Id == blob || image.Row.Layers.Any(layer => layer.Blob == blob))
            .SelectMany(image => image.Row.RepositoryDigests).Select(pinned => pinned[..pinned.IndexOf('@', StringComparison.Ordinal)]).Distinct()];
    }

    public List<string> References()
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        return ImageTable.References(lease);
    }

    private IEnumerable<NamedImage> Choose(List<NamedImage> all, string name)
    {
        if (AsPattern(name) is { } pattern) return all.Where(image => Matches(image, pattern)).ToList();

        // A name without tag means the repository with all its tags, as "docker images NAME" does.
        if (ImageReference.TryParse(name, out ImageReference? reference) && reference is { Tag: null, Digest: null })
        {
            List<NamedImage> repository = [.. all.Where(image => image.Reference is not null
                && ImageReference.Parse(image.Reference).CanonicalRepository == reference.CanonicalRepository)];
            if (repository.Count > 0) return repository;
        }

        NamedImage found = Find(name) ?? throw NotFound(name);
        // Also by the digest that it has in a repository to which it was only pushed: there it has no name here.
        bool byId = found.Reference is null || (IdDigits(name) is not null && found.Reference != reference?.WithDefaultTag().Familiar);
        return all.Where(image => image.Row.Id == found.Row.Id && (byId || image.Reference == found.Reference)).ToList();
    }

    /// <summary>Null for a name without wildcards. A registry's IPv6 address in brackets is no set of characters.</summary>
    private static string? AsPattern(string name)
    {
        int close = name.IndexOf(']', StringComparison.Ordinal);
        bool address = name.StartsWith('[') && close > 0 && IPAddress.TryParse(name.AsSpan(1, close - 1), out _);
        return NamePattern.Is(address ? name[close..] : name) ? address ? "`" + name : name : null;
    }

    private static bool Matches(NamedImage image, string pattern)
    {
        if (NamePattern.Matches(pattern, image.Row.Id) || NamePattern.Matches(pattern, image.Row.Id.AsSpan(7))) return true;
        return image.Reference is { } reference
            && (NamePattern.Matches(pattern, reference) || NamePattern.Matches(pattern, ImageReference.Parse(reference).Repository));
    }

    private static NamedImage? FindByReference(CatalogueDatabase.Lease lease, ImageReference reference)
    {
        NamedImage? exact = ImageTable.ByReference(lease, reference.WithDefaultTag().Familiar);
        if (exact is not null || reference.Digest is not { } digest) return exact;

        // The digest says which image is meant; the tag beside it is for people.
        if (ByRepositoryDigest(lease, reference.Repository, digest.ToString()) is [var known, ..]) return known;
        foreach (NamedImage image in ImageTable.ByManifest(lease, digest.ToString()))
        {
            if (image.Reference is not null && ImageReference.Parse(image.Reference).CanonicalRepository == reference.CanonicalRepository)
                return image;
        }

        return null;
    }

    /// <summary>
    /// Images that a repository has under this digest of an index or manifest, those that this machine runs first; each under a name of
    /// that repository when it has one.
    /// </summary>
    public List<NamedImage> ByRepositoryDigest(string repository, string digest)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        return ByRepositoryDigest(lease, repository, digest);
    }

    /// <summary>Images that a repository has under this digest, each with the digest of its manifest there.</summary>
    public List<(string ImageId, string Manifest)> DigestsOf(string repository, string digest)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        return RepositoryDigestTable.Find(lease, repository, digest);
    }

    /// <summary>Whether something of this repository is stored that was pulled or pushed.</summary>
    public bool HasDigestsOf(string repository)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        return RepositoryDigestTable.Has(lease, repository);
    }

    private static List<NamedImage> ByRepositoryDigest(CatalogueDatabase.Lease lease, string repository, string digest)
    {
        var images = new List<NamedImage>();
        foreach ((string id, _) in RepositoryDigestTable.Find(lease, repository, digest).DistinctBy(found => found.ImageId))
        {
            List<NamedImage> names = ImageTable.ById(lease, id);
            NamedImage named = names.Find(image => image.Reference is { } name && ImageReference.Parse(name).Repository == repository);
            images.Add(named.Row is not null ? named : names[0] with { Reference = null });
        }

        return [.. images.OrderByDescending(image => Images.HostPlatform.Runs(image.Row.Platform))];
    }

    private static string? FindId(CatalogueDatabase.Lease lease, string name, string digits)
    {
        List<string> ids = ImageTable.IdsByPrefix(lease, digits);
        if (ids.Count < 2) return ids.FirstOrDefault();
        throw new DockerConflictException(
            "ImageAmbiguous", $"'{name}' is the beginning of several images' ids, {ids[0]} and {ids[1]} among them. Write more digits.", name);
    }

    /// <summary>The digits of an id or of its beginning, with or without <c>sha256:</c>; else null.</summary>
    private static string? IdDigits(string name)
    {
        string digits = name.StartsWith("sha256:", StringComparison.Ordinal) ? name[7..] : name;
        return digits.Length is > 0 and <= 64 && !digits.AsSpan().ContainsAnyExcept("0123456789abcdef") ? digits : null;
    }
}
