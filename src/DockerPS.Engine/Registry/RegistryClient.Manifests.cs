using System.Net;
using System.Text.Json;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryClient
{
    /// <summary>As much as registries accept and Docker reads.</summary>
    private const int LongestManifest = 4 << 20;

    private const string DigestHeader = "Docker-Content-Digest";

    private static readonly string[] AcceptedManifests =
        [MediaTypes.Manifest, MediaTypes.Index, MediaTypes.DockerManifest, MediaTypes.DockerIndex];

    /// <summary>A manifest or index, by digest when the reference has one, else by tag. Its digest is verified.</summary>
    /// <exception cref="DockerRegistryException">
    /// RegistryUnauthorized, RegistryDenied, RemoteImageNotFound, RegistryUnreachable, NotARegistry, RegistryCertificateUntrusted,
    /// RegistryProxyFailed, RegistryFailed, RegistryTooManyRequests, ManifestTooLarge, ManifestUnsupported.
    /// </exception>
    /// <exception cref="DockerIntegrityException">DigestMismatch.</exception>
    public Task<RemoteManifest> GetManifestAsync(ImageReference reference, RegistryAccess access, CancellationToken cancellationToken) =>
        GetCheckedManifestAsync(reference, access, _ => { }, cancellationToken);

    /// <summary>As <see cref="GetManifestAsync"/>; a mirror's that <paramref name="check"/> refuses is not taken.</summary>
    public Task<RemoteManifest> GetCheckedManifestAsync(
        ImageReference reference, RegistryAccess access, Action<RemoteManifest> check, CancellationToken cancellationToken) => AskAsync(reference, access, async session =>
        {
            RemoteManifest manifest = await ReadManifestAsync(session, reference, cancellationToken).ConfigureAwait(false);
            check(manifest);
            return manifest;
        });

    /// <summary>What a manifest's digest is, in one round trip where the registry says it.</summary>
    /// <exception cref="DockerRegistryException">As <see cref="GetManifestAsync"/>.</exception>
    public Task<ManifestHead> HeadManifestAsync(ImageReference reference, RegistryAccess access, CancellationToken cancellationToken) =>
        AskAsync(reference, access, async session =>
        {
            using HttpResponseMessage response = await session.SendAsync(ManifestRequest(HttpMethod.Head, session, reference), cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK && Digest.TryParse(Header(response, DigestHeader), out Digest digest))
            {
                if (reference.Digest is { } wanted && wanted.Algorithm == digest.Algorithm && wanted != digest) throw Mismatch(reference, wanted, digest.ToString());
                return new ManifestHead(digest, response.Content.Headers.ContentType?.MediaType ?? "", response.Content.Headers.ContentLength ?? -1);
            }

            // An error of HEAD has no body that says more, and some registries do not say the digest, or know no HEAD.
            RemoteManifest manifest = await ReadManifestAsync(session, reference, cancellationToken).ConfigureAwait(false);
            return new ManifestHead(manifest.Digest, manifest.MediaType, manifest.Bytes.Length);
        });

    private async Task<RemoteManifest> ReadManifestAsync(RegistrySession session, ImageReference reference, CancellationToken cancellationToken)
    {
        (byte[] bytes, string said, string declared) = await ManifestBytesAsync(session, reference, cancellationToken).ConfigureAwait(false);
        string registry = session.Endpoint.Name;
        if (said == "text/html") throw RegistryErrors.NotARegistry(session.Endpoint, 200, reference.Familiar);
        Digest digest = Verified(reference, declared, bytes);
        string mediaType = TypeOf(bytes, said, registry, reference);
        return new RemoteManifest(digest, mediaType, bytes);
    }

    private async Task<(byte[] Bytes, string MediaType, string Digest)> ManifestBytesAsync(
        RegistrySession session, ImageReference reference, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            using HttpResponseMessage response = await session.SendAsync(ManifestRequest(HttpMethod.Get, session, reference), cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK) throw await session.ErrorAsync(response, reference.Familiar, cancellationToken).ConfigureAwait(false);
            using var stall = new StallTimer(_options.StallTimeout, cancellationToken);
            try
            {
                byte[] bytes = await BodyReader.ReadAsync(response, LongestManifest, stall).ConfigureAwait(false);
                return (bytes, response.Content.Headers.ContentType?.MediaType ?? "", Header(response, DigestHeader) ?? "");
            }
            catch (InvalidDataException e)
            {
                throw new DockerRegistryException(
                    "ManifestTooLarge",
                    $"The manifest of '{reference.Familiar}' at {session.Endpoint.Name} is longer than the {LongestManifest >> 20} MiB that manifests may have (status 200). "
                    + "Check the name, or ask who runs the registry: no image needs one so long.",
                    reference.Familiar, session.Endpoint.Name, 200, inner: e);
            }
            catch (Exception e) when (IsCut(e, stall))
            {
                if (attempt >= _options.Retries) throw Cut(session, reference.Familiar, stall, e);
                await Task.Delay(session.Delay(attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static RegistryRequest ManifestRequest(HttpMethod method, RegistrySession session, ImageReference reference)
    {
        string which = reference.Digest?.ToString() ?? reference.Tag ?? ImageReference.DefaultTag;
        return new RegistryRequest(method, $"{session.Endpoint.Repository}/manifests/{which}")
        {
            Scopes = [RegistryRequest.PullScope(session.Endpoint.Repository)],
            Prepare = static message =>
            {
                foreach (string type in AcceptedManifests) message.Headers.TryAddWithoutValidation("Accept", type);
            },
        };
    }

    private static Digest Verified(ImageReference reference, string declared, byte[] bytes)
    {
        if (reference.Digest is { } wanted)
        {
            Digest actual = DigestOf(wanted.Algorithm, bytes);
            return actual == wanted ? wanted : throw Mismatch(reference, wanted, actual.ToString());
        }

        if (!Digest.TryParse(declared, out Digest said)) return Digest.Of(bytes);
        Digest computed = DigestOf(said.Algorithm, bytes);
        return computed == said ? said : throw Mismatch(reference, said, computed.ToString());
    }

    private static Digest DigestOf(string algorithm, byte[] bytes) => algorithm == "sha512"
        ? Digest.Parse("sha512:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(bytes)))
        : Digest.Of(bytes);

    private static DockerIntegrityException Mismatch(ImageReference reference, Digest expected, string actual) => new(
        "DigestMismatch",
        $"The manifest of '{reference.Familiar}' should have the digest {expected} and has {actual}: the registry or something before it changed it.",
        reference.Familiar);

    /// <summary>The type that the manifest says itself, else the registry, else what its fields say.</summary>
    private static string TypeOf(byte[] bytes, string said, string registry, ImageReference reference)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw Unsupported(said, registry, reference, null);
            string own = root.TryGetProperty("mediaType", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "";
            bool known = MediaTypes.IsIndex(said) || MediaTypes.IsManifest(said);
            // Who reads one as the other can be shown another image than who does not (CVE-2021-41190).
            if (known && own.Length > 0 && own != said) throw Unsupported($"{own} sent as {said}", registry, reference, null);
            string found = own.Length > 0 ? own : known ? said
                : root.TryGetProperty("manifests", out _) && !root.TryGetProperty("layers", out _) ? MediaTypes.Index
                : root.TryGetProperty("config", out _) && root.TryGetProperty("layers", out _) ? MediaTypes.Manifest
                : said;
            return MediaTypes.IsIndex(found) || MediaTypes.IsManifest(found) ? found : throw Unsupported(found, registry, reference, null);
        }
        // Text with halves of characters is no JSON either, and is told so only when it is asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Unsupported(said, registry, reference, e);
        }
    }

    private static DockerRegistryException Unsupported(string type, string registry, ImageReference reference, Exception? inner) => new(
        "ManifestUnsupported",
        $"'{reference.Familiar}' at {registry} is no image that can be used: its manifest is of the type '{type}' (status 200). "
        + "OCI manifests and indexes and Docker's schema 2 are understood; images of the older schema 1 must be pushed again.",
        reference.Familiar, registry, 200, inner: inner);

    private static string? Header(HttpResponseMessage response, string name) => Headers(response, name).FirstOrDefault();

    private static IEnumerable<string> Headers(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values : [];

    private static bool IsCut(Exception exception, StallTimer stall) =>
        exception is IOException or HttpRequestException || (exception is OperationCanceledException && stall.Expired);

    private DockerRegistryException Cut(RegistrySession session, string subject, StallTimer stall, Exception inner)
    {
        string reason = stall.Expired ? $"sent nothing for {_options.StallTimeout.TotalSeconds:0} s" : "ended its answer before it was complete";
        return new DockerRegistryException(
            "RegistryUnreachable", $"The registry {session.Endpoint.Name} {reason} with '{subject}' (status 200). Repeat the command: it goes on where it stopped.",
            subject, session.Endpoint.Name, 200, inner: inner);
    }
}
