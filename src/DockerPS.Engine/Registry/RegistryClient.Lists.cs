using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    private const int LongestPage = 8 << 20;
    private const int PageLength = 1000;

    /// <summary>A repository's tags as the registry sorts them, page after page (OCI distribution-spec, end-8).</summary>
    /// <exception cref="DockerRegistryException">As <see cref="GetManifestAsync"/>; RemoteImageNotFound: no such repository.</exception>
    public async Task<IReadOnlyList<string>> ListTagsAsync(ImageReference repository, RegistryAccess access, CancellationToken cancellationToken)
    {
        List<TagsAnswer> pages = await AskAsync(repository, access, session => PagesAsync(
            session, $"{session.Endpoint.Repository}/tags/list?n={PageLength}", [RegistryRequest.PullScope(session.Endpoint.Repository)], repository.Repository,
            RegistryJson.Default.TagsAnswer, _ => false, cancellationToken)).ConfigureAwait(false);
        return [.. pages.SelectMany(page => page.Tags ?? []).Where(IsTag).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What a registry says must be able to be a tag: it is written on terminals and used in names.</summary>
    private static bool IsTag(string? tag) => tag is not null && ImageReference.TryParse("name:" + tag, out ImageReference? name) && name.Tag == tag;

    /// <summary>Reads a list to its end, or until a page is enough.</summary>
    private async Task<List<T>> PagesAsync<T>(
        RegistrySession session, string target, string[] scopes, string subject, JsonTypeInfo<T> type, Func<T, bool> enough, CancellationToken cancellationToken)
    {
        var pages = new List<T>();
        var trail = new PageTrail(session.Endpoint.Name, subject);
        for (string? next = target; next is not null;)
        {
            var request = new RegistryRequest(HttpMethod.Get, next) { Scopes = scopes };
            using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK) throw await session.ErrorAsync(response, subject, cancellationToken).ConfigureAwait(false);
            (T page, int length) = await PageAsync(session, response, subject, type, cancellationToken).ConfigureAwait(false);
            Uri root = await session.RootAsync(cancellationToken).ConfigureAwait(false), address = request.AddressAt(root);
            trail.Take(address.AbsoluteUri, length);
            pages.Add(page);
            next = enough(page) ? null : NextLink.Of(Headers(response, "Link"), root, address);
        }

        return pages;
    }

    private async Task<(T Page, int Length)> PageAsync<T>(
        RegistrySession session, HttpResponseMessage response, string subject, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var stall = new StallTimer(_options.StallTimeout, cancellationToken);
        try
        {
            byte[] body = await BodyReader.ReadAsync(response, LongestPage, stall).ConfigureAwait(false);
            return (JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null"), body.Length);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw response.Content.Headers.ContentType?.MediaType == "text/html"
                ? RegistryErrors.NotARegistry(session.Endpoint, 200, subject)
                : RegistryErrors.Failed(session.Endpoint.Name, 200, "", "Its list cannot be read.", subject, e);
        }
        catch (Exception e) when (IsCut(e, stall))
        {
            throw Cut(session, subject, stall, e);
        }
    }
}
