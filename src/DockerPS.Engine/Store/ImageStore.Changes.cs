using DockerPS.Engine.Catalogue;
using DockerPS.Oci.References;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine.Store;

internal sealed partial class ImageStore
{
    /// <summary>Writes an image whose blobs and layers are in place into the catalogue, under these names.</summary>
    /// <param name="session">Kept open by the caller until this returns.</param>
    /// <param name="row">The image.</param>
    /// <param name="names">What it shall be called; none leaves the names that it has.</param>
    /// <param name="digest">What the registry calls it by content, when it came from one.</param>
    /// <returns>It under each of its given names, or once without.</returns>
    public IReadOnlyList<NamedImage> Commit(
        StoreSession session, ImageRow row, IReadOnlyList<ImageReference> names, RepositoryDigest? digest = null)
    {
        ObjectDisposedException.ThrowIf(!Directory.Exists(session.Directory), session);
        List<string> references = [.. names.Select(name => name.WithDefaultTag().Familiar).Distinct()];
        using (CatalogueDatabase.Lease lease = _catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            ImageTable.Put(lease, row);
            foreach (string reference in references) ImageTable.Tag(lease, reference, row.Id);
            if (digest is not null) RepositoryDigestTable.Put(lease, digest.Repository, digest.Digest, digest.Manifest, row.Id);
            transaction.Commit();
            if (digest is not null) row = ImageTable.ById(lease, row.Id)[0].Row;
        }

        _index.Write();
        return references.Count == 0 ? [new NamedImage(row, null)] : [.. references.Select(reference => new NamedImage(row, reference))];
    }

    /// <summary>The row of a stored image of which everything is there, or null.</summary>
    public ImageRow? Complete(string id)
    {
        List<NamedImage> images;
        using (CatalogueDatabase.Lease lease = _catalogue.Rent()) images = ImageTable.ById(lease, id, withRemoved: true);
        return images is [var image, ..]
            && image.Row.Layers.All(layer => Blobs.Has(Oci.Digests.Digest.Parse(layer.Blob)) && Directory.Exists(_layout.LayerDirectory(layer.ChainId)))
            && Blobs.Has(Oci.Digests.Digest.Parse(image.Row.Manifest)) && Blobs.Has(Oci.Digests.Digest.Parse(image.Row.Id))
                ? image.Row
                : null;
    }

    /// <summary>Says that a repository has a stored image under a digest, as after a push.</summary>
    public void AddRepositoryDigest(string imageId, RepositoryDigest digest)
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        RepositoryDigestTable.Put(lease, digest.Repository, digest.Digest, digest.Manifest, imageId);
    }

    public NamedImage AddTag(string name, string tag)
    {
        ImageReference reference = ParseName(tag);
        if (reference.Digest is not null)
            throw new DockerArgumentException("InvalidReference", $"'{tag}' has a digest: a name that is given to an image has only a tag.", tag);
        using StoreSession session = OpenSession();
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        using SqliteTransaction transaction = lease.BeginWrite();
        NamedImage image = Find(name) ?? throw NotFound(name);
        string familiar = reference.WithDefaultTag().Familiar;
        ImageTable.Tag(lease, familiar, image.Row.Id);
        transaction.Commit();
        _index.Write();
        return image with { Reference = familiar };
    }

    public NamedImage RemoveTag(string tag)
    {
        string familiar = ParseName(tag).WithDefaultTag().Familiar;
        using StoreSession session = OpenSession();
        NamedImage image;
        using (CatalogueDatabase.Lease lease = _catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            image = ImageTable.ByReference(lease, familiar) ?? throw NotFound(tag);
            ImageTable.Untag(lease, familiar);
            transaction.Commit();
        }

        _index.Write();
        return image with { Reference = null };
    }

    /// <summary>
    /// By a name: takes the name, and with the last one the image. By id: the image with its names; several only with force.
    /// An image that containers use is refused; with force it is hidden, and goes with the last of them.
    /// </summary>
    public IReadOnlyList<ContainerImageRemoval> Remove(string name, bool force)
    {
        var removals = new List<ContainerImageRemoval>();
        // Not in the transaction: whoever makes a mount has the lock of mounts when it waits for the catalogue.
        if (force) DetachAll(name);
        using (StoreSession session = OpenSession())
        {
            using (CatalogueDatabase.Lease lease = _catalogue.Rent())
            {
                using SqliteTransaction transaction = lease.BeginWrite();
                NamedImage image = Find(name) ?? throw NotFound(name);
                List<string> names = [.. ImageTable.ById(lease, image.Row.Id).Select(n => n.Reference).OfType<string>()];
                bool byName = image.Reference is not null && IsNameOf(name, image.Reference);
                if (byName && names.Count > 1)
                {
                    ImageTable.Untag(lease, image.Reference!);
                    removals.Add(new ContainerImageRemoval(image.Reference!, Deleted: false));
                }
                else
                {
                    if (!force) Refuse(name, names, ImageTable.Users(lease, image.Row.Id));
                    if (Mounts.Of(image.Row.Id) is { Count: > 0 } mounts) throw ImageMounts.InUse(name, mounts);
                    ImageTable.Remove(lease, image.Row.Id);
                    removals.AddRange(names.Select(n => new ContainerImageRemoval(n, Deleted: false)));
                    removals.Add(new ContainerImageRemoval(image.Row.Id, Deleted: true));
                }

                transaction.Commit();
            }

            _index.Write();
        }

        if (removals[^1].Deleted) CollectGarbage();
        return removals;
    }

    /// <summary>Removes images that are still not in use, and all that nothing refers to then.</summary>
    /// <param name="ids">Of <see cref="Prunable"/>.</param>
    /// <param name="unused">Also such as have names.</param>
    /// <returns>Those that were removed: one that a container, a mount or a name took meanwhile stays.</returns>
    public IReadOnlyList<ImageRow> Prune(IReadOnlyCollection<string> ids, bool unused)
    {
        var removed = new List<ImageRow>();
        using (StoreSession session = OpenSession())
        {
            using (CatalogueDatabase.Lease lease = _catalogue.Rent())
            {
                using SqliteTransaction transaction = lease.BeginWrite();
                foreach (string id in ids)
                {
                    List<NamedImage> images = ImageTable.ById(lease, id);
                    if (images.Count == 0 || (!unused && images[0].Reference is not null)) continue;
                    if (ImageTable.Users(lease, id).Count > 0 || Mounts.Of(id).Count > 0) continue;
                    ImageTable.Remove(lease, id);
                    removed.Add(images[0].Row);
                }

                transaction.Commit();
            }

            _index.Write();
        }

        CollectGarbage();
        return removed;
    }

    /// <summary>Takes the mounts of an image away that goes with this name.</summary>
    private void DetachAll(string name)
    {
        if (Find(name) is not { } image || Mounts.Of(image.Row.Id) is not { Count: > 0 } mounts) return;
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        bool byName = image.Reference is not null && IsNameOf(name, image.Reference);
        if (!byName || ImageTable.ById(lease, image.Row.Id).Count < 2) Mounts.Detach(mounts);
    }

    private static void Refuse(string name, List<string> names, List<string> users)
    {
        if (users.Count > 0)
        {
            throw new DockerConflictException(
                "ImageInUse",
                $"The image '{name}' is used by {(users.Count == 1 ? "the container" : "the containers")} {string.Join(", ", users.Take(5))}"
                + $"{(users.Count > 5 ? $" and {users.Count - 5} others" : "")}. Remove them first with Remove-Container, or use -Force.",
                name);
        }

        if (names.Count > 1)
        {
            throw new DockerConflictException(
                "ImageHasSeveralNames",
                $"The image '{name}' has the names {string.Join(", ", names)}. Remove it by each name, or use -Force to remove it with all of them.",
                name);
        }
    }

    /// <summary>Whether what the user wrote is this name, and not an id that happens to lead to it.</summary>
    private static bool IsNameOf(string given, string reference) =>
        ImageReference.TryParse(given, out ImageReference? parsed)
        && (parsed.WithDefaultTag().Familiar == reference
            || (parsed.Digest is not null && ImageReference.Parse(reference).CanonicalRepository == parsed.CanonicalRepository));
}
