using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.Remote;

/// <summary>What registries have: repositories and tags.</summary>
internal sealed class RemoteLists(RegistryClient registry)
{
    private const int RequestsAtOnce = 8;

    public async Task<IReadOnlyList<ContainerImageTag>> TagsAsync(TagQuery query, CancellationToken cancellationToken)
    {
        ImageReference repository = ImageStore.ParseName(query.Repository);
        IReadOnlyList<string> names = await registry.ListTagsAsync(repository, query.Access, cancellationToken).ConfigureAwait(false);
        ContainerImageTag[] tags =
        [
            .. names.Where(name => query.Pattern is null || NamePattern.Matches(query.Pattern, name))
                .Select(name => new ContainerImageTag { Repository = repository.Repository, Tag = name, Registry = repository.Domain }),
        ];
        if (query.Digests)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, tags.Length), Options(cancellationToken), async (i, token) =>
            {
                ManifestHead head = await registry.HeadManifestAsync(ImageStore.ParseName(tags[i].Reference), query.Access, token).ConfigureAwait(false);
                tags[i] = tags[i] with { Digest = head.Digest.ToString() };
            }).ConfigureAwait(false);
        }

        return tags;
    }

    public async Task<IReadOnlyList<ContainerImageSearchResult>> FindAsync(ImageSearch search, CancellationToken cancellationToken)
    {
        ContainerImageSearchResult[] found =
            [.. await registry.SearchAsync(search.Registry, search.Term, Math.Max(1, search.Limit), search.Access, cancellationToken).ConfigureAwait(false)];
        if (search.Tags)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, found.Length), Options(cancellationToken), async (i, token) =>
                found[i] = found[i] with { Tags = await TagsOfAsync(found[i].Name, search.Access, token).ConfigureAwait(false) }).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>A catalogue also has repositories whose last tag was deleted, or that this user may not read.</summary>
    private async Task<IReadOnlyList<string>> TagsOfAsync(string repository, RegistryAccess access, CancellationToken cancellationToken)
    {
        try
        {
            return await registry.ListTagsAsync(ImageStore.ParseName(repository), access, cancellationToken).ConfigureAwait(false);
        }
        catch (DockerRegistryException e) when (e.Status is 401 or 403 or 404)
        {
            return [];
        }
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken };
}
