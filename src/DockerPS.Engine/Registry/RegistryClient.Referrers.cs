using System.Net;
using System.Text.Json;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>
    /// What refers to a manifest (OCI distribution-spec, end-12a): by the API, or where the registry has none by the tag that stands in for it.
    /// </summary>
    /// <exception cref="DockerRegistryException">As <see cref="GetManifestAsync"/>.</exception>
    public Task<IReadOnlyList<Descriptor>> GetReferrersAsync(
        ImageReference repository, Digest subject, RegistryAccess access, CancellationToken cancellationToken) =>
        AskAsync(repository, access, session => ReferrersAsync(session, repository, subject, cancellationToken));

    private async Task<IReadOnlyList<Descriptor>> ReferrersAsync(
        RegistrySession session, ImageReference repository, Digest subject, CancellationToken cancellationToken)
    {
        var all = new List<Descriptor>();
        var trail = new PageTrail(session.Endpoint.Name, repository.Familiar);
        for (string? next = $"{session.Endpoint.Repository}/referrers/{subject}"; next is not null;)
        {
            var request = new RegistryRequest(HttpMethod.Get, next)
            {
                Scopes = [RegistryRequest.PullScope(session.Endpoint.Repository)],
                Prepare = static message => message.Headers.TryAddWithoutValidation("Accept", MediaTypes.Index),
            };
            using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != MediaTypes.Index)
            {
                if (all.Count > 0) throw await session.ErrorAsync(response, repository.Familiar, cancellationToken).ConfigureAwait(false);
                // 404 is how registries before 1.1 answer; what else is wrong the tag's request tells.
                return await TaggedReferrersAsync(session, repository, subject, cancellationToken).ConfigureAwait(false);
            }

            Uri root = await session.RootAsync(cancellationToken).ConfigureAwait(false), address = request.AddressAt(root);
            using var stall = new StallTimer(_options.StallTimeout, cancellationToken);
            try
            {
                byte[] body = await BodyReader.ReadAsync(response, LongestManifest, stall).ConfigureAwait(false);
                trail.Take(address.AbsoluteUri, body.Length);
                all.AddRange(ImageSpecReader.Index(body).Manifests ?? []);
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                throw RegistryErrors.Failed(session.Endpoint.Name, 200, "", "Its list of referrers cannot be read.", repository.Familiar, e);
            }
            catch (Exception e) when (IsCut(e, stall))
            {
                throw Cut(session, repository.Familiar, stall, e);
            }

            next = NextLink.Of(Headers(response, "Link"), root, address);
        }

        return all;
    }

    private async Task<IReadOnlyList<Descriptor>> TaggedReferrersAsync(
        RegistrySession session, ImageReference repository, Digest subject, CancellationToken cancellationToken)
    {
        try
        {
            ImageReference tag = ImageReference.Parse($"{repository.CanonicalRepository}:{subject.Algorithm}-{subject.Hex}");
            RemoteManifest manifest = await ReadManifestAsync(session, tag, cancellationToken).ConfigureAwait(false);
            return manifest.IsIndex ? manifest.ReadIndex().Manifests ?? [] : [];
        }
        catch (DockerRegistryException e) when (e.Status == 404)
        {
            return [];
        }
    }
}
