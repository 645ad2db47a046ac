using System.Buffers;
using System.Net;
using DockerPS.Oci.Digests;

namespace DockerPS.Engine.Registry;

internal sealed partial class RegistryUpload
{
    /// <summary>
    /// Sends a blob: a small one in one piece (end-4, end-6), a large one in chunks (end-5), so that a failure costs only one of them. After it the
    /// registry says how much it has; one that has forgotten gets all of it again.
    /// </summary>
    private async Task SendAsync(BlobSource blob, Uri? upload, Action<long>? progress, CancellationToken cancellationToken)
    {
        long offset = 0;
        for (int failures = 0; ;)
        {
            Exception failure;
            try
            {
                upload ??= await BeginAsync(cancellationToken).ConfigureAwait(false);
                bool whole = offset == 0 && blob.Size <= options.UploadChunk;
                using HttpResponseMessage response = whole ? await PutAsync(upload, blob, progress, cancellationToken).ConfigureAwait(false)
                    : offset < blob.Size ? await PatchAsync(upload, blob, offset, progress, cancellationToken).ConfigureAwait(false)
                    : await FinishAsync(upload, blob.Digest, cancellationToken).ConfigureAwait(false);
                if (response.StatusCode is HttpStatusCode.Created or HttpStatusCode.NoContent) return;
                if (response.StatusCode == HttpStatusCode.Accepted && !whole && offset < blob.Size)
                {
                    upload = await LocationAsync(response, cancellationToken).ConfigureAwait(false);
                    offset = Math.Min(blob.Size, offset + options.UploadChunk);
                    failures = 0;
                    continue;
                }

                failure = await session.ErrorAsync(response, subject, cancellationToken).ConfigureAwait(false);
                if (!IsWorthRepeating(response.StatusCode)) throw failure;
            }
            catch (DockerRegistryException e) when (RegistryErrors.IsTransient(e))
            {
                failure = e;
            }

            if (++failures > options.Retries) throw failure;
            await Task.Delay(session.Delay(failures - 1), cancellationToken).ConfigureAwait(false);
            (upload, offset) = await StateAsync(upload, blob.Size, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends what is written while it is made, and whose digest is known only then (end-5 as a stream).</summary>
    /// <param name="write">Writes it; called anew after a failure.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>Digest and length of what was written.</returns>
    public async Task<(Digest Digest, long Size)> StreamAsync(
        Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        for (int failures = 0; ;)
        {
            Exception failure;
            try
            {
                Uri upload = await BeginAsync(cancellationToken).ConfigureAwait(false);
                Digest digest = default;
                long size = 0;
                var request = Request(HttpMethod.Patch, upload) with
                {
                    Content = stall => new UploadContent(async (stream, token) =>
                    {
                        using var hashing = new HashingStream(stream);
                        await write(hashing, token).ConfigureAwait(false);
                        (digest, size) = hashing.Finish();
                    }, null, stall),
                };
                using HttpResponseMessage sent = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (sent.StatusCode == HttpStatusCode.Accepted)
                {
                    Uri next = await LocationAsync(sent, cancellationToken).ConfigureAwait(false);
                    using HttpResponseMessage finished = await FinishAsync(next, digest.ToString(), cancellationToken).ConfigureAwait(false);
                    if (finished.StatusCode is HttpStatusCode.Created or HttpStatusCode.NoContent) return (digest, size);
                    failure = await session.ErrorAsync(finished, subject, cancellationToken).ConfigureAwait(false);
                    if (!IsWorthRepeating(finished.StatusCode)) throw failure;
                }
                else
                {
                    failure = await session.ErrorAsync(sent, subject, cancellationToken).ConfigureAwait(false);
                    if (!IsWorthRepeating(sent.StatusCode)) throw failure;
                }
            }
            catch (DockerRegistryException e) when (RegistryErrors.IsTransient(e))
            {
                failure = e;
            }

            if (++failures > options.Retries) throw failure;
            await Task.Delay(session.Delay(failures - 1), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Uri> BeginAsync(CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Post, $"{_repository}/blobs/uploads/") { Scopes = _scopes, Content = Nothing };
        using HttpResponseMessage response = await session.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Accepted) throw await session.ErrorAsync(response, subject, cancellationToken).ConfigureAwait(false);
        return await LocationAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> PutAsync(Uri upload, BlobSource blob, Action<long>? progress, CancellationToken cancellationToken) =>
        session.SendAsync(
            Request(HttpMethod.Put, WithDigest(upload, blob.Digest)) with
            {
                Content = stall => new UploadContent((stream, token) => CopyAsync(blob, 0, blob.Size, stream, progress, token), blob.Size, stall),
            },
            cancellationToken);

    private Task<HttpResponseMessage> PatchAsync(Uri upload, BlobSource blob, long offset, Action<long>? progress, CancellationToken cancellationToken)
    {
        long end = Math.Min(blob.Size, offset + options.UploadChunk);
        var request = Request(HttpMethod.Patch, upload) with
        {
            Content = stall =>
            {
                var content = new UploadContent((stream, token) => CopyAsync(blob, offset, end, stream, progress, token), end - offset, stall);
                // The specification's form, which is not that of HTTP.
                content.Headers.TryAddWithoutValidation("Content-Range", $"{offset}-{end - 1}");
                return content;
            },
        };
        return session.SendAsync(request, cancellationToken);
    }

    private Task<HttpResponseMessage> FinishAsync(Uri upload, string digest, CancellationToken cancellationToken) =>
        session.SendAsync(Request(HttpMethod.Put, WithDigest(upload, digest)) with { Content = Nothing }, cancellationToken);

    /// <summary>How far an upload is (end-13); one that cannot be continued is begun anew.</summary>
    private async Task<(Uri? Upload, long Offset)> StateAsync(Uri? upload, long size, CancellationToken cancellationToken)
    {
        if (upload is null) return (null, 0);
        try
        {
            using HttpResponseMessage response = await session.SendAsync(Request(HttpMethod.Get, upload), cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.NoContent) return (null, 0);
            string range = response.Headers.TryGetValues("Range", out IEnumerable<string>? values) ? values.FirstOrDefault() ?? "" : "";
            Uri next = await LocationAsync(response, cancellationToken).ConfigureAwait(false);
            // "0-0" is nothing as well as one byte, by who says it; so little is not worth continuing.
            return long.TryParse(range.AsSpan(range.IndexOf('-', StringComparison.Ordinal) + 1), out long last) && last > 0 && last < size
                ? (next, last + 1)
                : (null, 0);
        }
        catch (DockerRegistryException)
        {
            return (null, 0);
        }
    }

    private RegistryRequest Request(HttpMethod method, Uri target) =>
        new(method, target.AbsoluteUri) { Scopes = _scopes, Repeatable = false, Patience = Patience };

    private static Uri WithDigest(Uri upload, string digest) =>
        new(upload.AbsoluteUri + (upload.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest));

    private static bool IsWorthRepeating(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.RequestedRangeNotSatisfiable or >= HttpStatusCode.InternalServerError;

    private static async Task CopyAsync(
        BlobSource blob, long offset, long end, Stream target, Action<long>? progress, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(end - offset, 1, BufferLength));
        try
        {
            Stream source = blob.Open(offset);
            await using (source.ConfigureAwait(false))
            {
                long done = offset;
                for (int read; done < end && (read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, end - done))) > 0;)
                {
                    await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    done += read;
                    progress?.Invoke(done);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
