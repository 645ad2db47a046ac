using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>Where Docker Hub's search is, other than its images.</summary>
    private const string HubSearch = "index.docker.io";

    private const string CatalogueScope = "registry:catalog:*";

    /// <summary>
    /// Repositories by a term: by the search API of Docker Hub where the registry has it, else from the registry's catalogue, of which those count
    /// that have the term in their name; with wildcards it is a pattern for the whole name.
    /// </summary>
    /// <exception cref="DockerRegistryException">As <see cref="GetManifestAsync"/>.</exception>
    /// <exception cref="DockerArgumentException">InvalidRegistry.</exception>
    public async Task<IReadOnlyList<ContainerImageSearchResult>> SearchAsync(
        string registry, string term, int limit, RegistryAccess access, CancellationToken cancellationToken)
    {
        RegistryEndpoint endpoint = _endpoints.For(OfRegistry(registry), access, push: true)[^1];
        if (endpoint.Host == RegistryEndpoint.DockerHub) endpoint = endpoint with { Host = HubSearch };
        RegistrySession session = Session(endpoint, access);
        bool pattern = NamePattern.Is(term);
        if (!pattern && term.Length > 0 && await FoundAsync(session, term, limit, cancellationToken).ConfigureAwait(false) is { } found) return found;
        if (endpoint.Host == HubSearch)
            throw new DockerArgumentException("InvalidSearch", $"'{term}' cannot be searched for: Docker Hub takes words, not patterns, and no empty ones.", term);
        return await ListedAsync(session, term, pattern, limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null when the registry has no search.</summary>
    private async Task<IReadOnlyList<ContainerImageSearchResult>?> FoundAsync(
        RegistrySession session, string term, int limit, CancellationToken cancellationToken)
    {
        // Beside /v2/, not below it.
        var request = new RegistryRequest(HttpMethod.Get, $"../v1/search?q={Uri.EscapeDataString(term)}&n={limit}");
        using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
        bool hub = session.Endpoint.Host == HubSearch;
        bool json = response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType is "application/json";
        if (!json)
        {
            return hub || response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests
                ? throw await session.ErrorAsync(response, term, cancellationToken).ConfigureAwait(false)
                : null;
        }

        using var stall = new StallTimer(_options.StallTimeout, cancellationToken);
        try
        {
            byte[] body = await BodyReader.ReadAsync(response, LongestPage, stall).ConfigureAwait(false);
            SearchAnswer? answer = JsonSerializer.Deserialize(body, RegistryJson.Default.SearchAnswer);
            return [.. (answer?.Results ?? []).Where(item => IsRepository(item?.Name)).Take(limit).Select(item => new ContainerImageSearchResult
            {
                Name = Named(session, item.Name!),
                Registry = session.Endpoint.Name,
                Description = OneLine(item.Description),
                Stars = item.StarCount,
                Official = item.IsOfficial,
            })];
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw RegistryErrors.Failed(session.Endpoint.Name, 200, "", "The result of its search cannot be read.", term, e);
        }
        catch (Exception e) when (IsCut(e, stall))
        {
            throw Cut(session, term, stall, e);
        }
    }

    private async Task<IReadOnlyList<ContainerImageSearchResult>> ListedAsync(
        RegistrySession session, string term, bool pattern, int limit, CancellationToken cancellationToken)
    {
        int found = 0;
        List<CatalogueAnswer> pages = await PagesAsync(
            session, $"_catalog?n={PageLength}", [CatalogueScope], term.Length > 0 ? term : session.Endpoint.Name, RegistryJson.Default.CatalogueAnswer,
            page => (found += (page.Repositories ?? []).Count(IsMatch)) >= limit, cancellationToken).ConfigureAwait(false);
        return [.. pages.SelectMany(page => page.Repositories ?? []).Where(IsMatch).Distinct().Take(limit).Select(name => new ContainerImageSearchResult
        {
            Name = Named(session, name), Registry = session.Endpoint.Name,
        })];

        bool IsMatch(string name) => IsRepository(name) && (pattern
            ? NamePattern.Matches(term, name)
            : name.Contains(term, StringComparison.OrdinalIgnoreCase));
    }

    private static string Named(RegistrySession session, string repository) =>
        session.Endpoint.Name == ImageReference.DefaultDomain ? ImageReference.Parse(repository).Repository : $"{session.Endpoint.Name}/{repository}";

    /// <summary>What a registry says must be able to be a name.</summary>
    private static bool IsRepository(string? name) =>
        name is not null && ImageReference.TryParse("host.invalid/" + name, out ImageReference? reference) && reference.Tag is null && reference.Digest is null;

    private static string OneLine(string? text) => Spaces().Replace(string.Concat((text ?? "").Where(c => !char.IsControl(c) || c is '\n' or '\t')), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
