using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using DockerPS.Engine.Registry.Transport;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Registry;

/// <summary>Reads one blob to its end, through as many requests as it takes.</summary>
internal sealed class BlobReader(
    Descriptor blob, long offset, BlobOrigins origins, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, RegistryOptions options)
{
    private const int BufferLength = 256 << 10;

    /// <summary>A connection that brings less counts as a failed one, so that a registry cannot keep us with a byte each.</summary>
    private const long LeastProgress = 64 << 10;

    private readonly long _first = offset;
    private long _position = offset;

    /// <exception cref="DockerRegistryException">The endpoint cannot serve it; another may go on.</exception>
    /// <exception cref="DockerIntegrityException">SizeMismatch.</exception>
    public async Task ReadAsync(RegistrySession session, string target, CancellationToken cancellationToken)
    {
        for (int failures = 0; _position < blob.Size;)
        {
            long before = _position;
            Exception cut = await ReadOnceAsync(session, target, cancellationToken).ConfigureAwait(false) ?? Shorter(session);
            if (_position == blob.Size) return;
            failures = _position - before >= LeastProgress ? 1 : failures + 1;
            if (failures > Math.Max(1, session.Endpoint.Mirror ? 1 : options.Retries)) throw cut;
            await Task.Delay(session.Delay(failures - 1), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One request; returns what cut it, or null when the answer ended by itself.</summary>
    private async Task<Exception?> ReadOnceAsync(RegistrySession session, string target, CancellationToken cancellationToken)
    {
        long from = _position;
        HttpResponseMessage response;
        try
        {
            response = await session.SendAsync(Request(session, target, from), cancellationToken).ConfigureAwait(false);
        }
        catch (DockerRegistryException e) when (from > _first && e.ErrorId == "RegistryUnreachable")
        {
            // It has served so far: it may be being started again.
            return e;
        }

        using (response)
        {
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return await CopyAsync(session, response, skip: from, cancellationToken).ConfigureAwait(false);
                case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { From: { } start } && start <= from:
                    return await CopyAsync(session, response, skip: from - start, cancellationToken).ConfigureAwait(false);
                case HttpStatusCode.PartialContent:
                    throw RegistryErrors.Failed(session.Endpoint.Name, 206, "", "It sent another part of a layer than was asked for.", blob.Digest);
                case HttpStatusCode.RequestedRangeNotSatisfiable:
                    throw Shorter(session);
                default:
                    throw await session.ErrorAsync(response, blob.Digest, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Exception?> CopyAsync(RegistrySession session, HttpResponseMessage response, long skip, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentLength > blob.Size)
            throw Longer(session, response.Content.Headers.ContentLength.Value);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            using var stall = new StallTimer(options.StallTimeout, cancellationToken);
            Stream? body = null;
            try
            {
                while (true)
                {
                    int read;
                    try
                    {
                        body ??= await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
                        read = await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
                        stall.Touch();
                    }
                    catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && stall.Expired))
                    {
                        return Cut(session, stall, e);
                    }

                    if (read == 0) return null;
                    int skipped = (int)Math.Min(skip, read);
                    skip -= skipped;
                    if (read > skipped) await GiveAsync(session, buffer.AsMemory(skipped, read - skipped), stall, cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                if (body is not null) await body.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask GiveAsync(RegistrySession session, ReadOnlyMemory<byte> bytes, StallTimer stall, CancellationToken cancellationToken)
    {
        if (bytes.Length > blob.Size - _position) throw Longer(session, _position + bytes.Length);
        origins.Serves(session.Endpoint);
        ValueTask taking = sink(bytes, cancellationToken);
        if (taking.IsCompleted)
        {
            await taking.ConfigureAwait(false);
        }
        else
        {
            // What the sink takes is no fault of the registry.
            stall.Pause();
            await taking.ConfigureAwait(false);
            stall.Resume();
        }

        _position += bytes.Length;
    }

    private static RegistryRequest Request(RegistrySession session, string target, long from) => new(HttpMethod.Get, target)
    {
        Scopes = session.Endpoint.Foreign ? [] : [RegistryRequest.PullScope(session.Endpoint.Repository)],
        Prepare = message =>
        {
            if (from > 0) message.Headers.Range = new RangeHeaderValue(from, null);
        },
    };

    private DockerIntegrityException Shorter(RegistrySession session) => Size(session, $"has only {_position}");

    private DockerIntegrityException Longer(RegistrySession session, long actual) => Size(session, $"has at least {actual}");

    private DockerIntegrityException Size(RegistrySession session, string actual) => new(
        "SizeMismatch", $"{blob.Digest} should have {blob.Size} bytes and {actual} at {session.Endpoint.Name}: the registry's copy is damaged.", blob.Digest);

    private DockerRegistryException Cut(RegistrySession session, StallTimer stall, Exception inner)
    {
        string reason = stall.Expired ? $"sent nothing for {options.StallTimeout.TotalSeconds:0} s" : "cut the connection";
        return new DockerRegistryException(
            "RegistryUnreachable",
            $"The registry {session.Endpoint.Name} {reason} after {_position} of {blob.Size} bytes of {blob.Digest} (status 200). Repeat the command: it goes on where it stopped.",
            blob.Digest, session.Endpoint.Name, 200, inner: inner);
    }
}
