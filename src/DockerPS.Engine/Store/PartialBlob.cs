using System.Security.Cryptography;
using DockerPS.Oci.Digests;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Store;

/// <summary>
/// A blob of which a part may be there: <c>content/partial/…</c>. One writer at a time, among all processes; it goes on where the last one
/// stopped, whether that was cancelled, failed or was killed. The blob gets its name when digest and length are right.
/// </summary>
internal sealed class PartialBlob : IDisposable
{
    private const int BufferLength = 1 << 20;

    private readonly StoreLayout _layout;
    private readonly FileLock _lock;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _hash;
    private readonly Digest _digest;

    private PartialBlob(StoreLayout layout, FileLock held, Digest digest, long size)
    {
        (_layout, _lock, _digest, Size) = (layout, held, digest, size);
        Directory.CreateDirectory(Path.GetDirectoryName(layout.Blob(digest))!);
        _hash = digest.NewHash();
        _file = File.OpenHandle(layout.PartialBlob(digest), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        Growth = new GrowingBlob(layout.PartialBlob(digest), layout.Blob(digest), size);
    }

    /// <summary>Length that it must have in the end.</summary>
    public long Size { get; }

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>An earlier attempt wrote a part of it: when the digest is wrong in the end it may be that one's fault.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>For a reader that follows.</summary>
    public GrowingBlob Growth { get; }

    /// <summary>Waits until nobody else writes it, and takes in what is there; null when the blob is whole and in the store by then.</summary>
    /// <param name="layout">Of a store in which the caller has a session.</param>
    /// <param name="digest">Of the blob.</param>
    /// <param name="size">Of the blob.</param>
    /// <param name="waiting">Called once when somebody else writes it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<PartialBlob?> OpenAsync(
        StoreLayout layout, Digest digest, long size, Action? waiting, CancellationToken cancellationToken)
    {
        string lockFile = layout.PartialLock(digest);
        FileLock? held = FileLock.TryTake(lockFile, shared: false);
        if (held is null)
        {
            waiting?.Invoke();
            held = await FileLock.TakeAsync(lockFile, shared: false, temporary: false, cancellationToken).ConfigureAwait(false);
        }

        PartialBlob? blob = null;
        try
        {
            if (!File.Exists(layout.Blob(digest)))
            {
                blob = new PartialBlob(layout, held, digest, size);
                await Task.Run(() => blob.TakeIn(cancellationToken), cancellationToken).ConfigureAwait(false);
                return blob;
            }
        }
        catch
        {
            if (blob is not null) blob.Dispose();
            else held.Dispose();
            throw;
        }

        held.Dispose();
        return null;
    }

    /// <summary>Writes the next bytes.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch: there are more than it may have.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > Size) throw TooLong(Length + bytes.Length);
        RandomAccess.Write(_file, bytes, Length);
        _hash.AppendData(bytes);
        Length += bytes.Length;
        Growth.Advance(Length);
    }

    /// <summary>Gives it its name. When it is not what it should be, nothing of it is kept.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch.</exception>
    public void Complete()
    {
        byte[] hash = _hash.GetHashAndReset();
        if (Length != Size || !_digest.Matches(hash))
        {
            Clear();
            throw BlobStore.Mismatch($"The blob {_digest}", _digest, $"{_digest.Algorithm}:{Convert.ToHexStringLower(hash)}");
        }

        File.Move(_layout.PartialBlob(_digest), _layout.Blob(_digest), overwrite: true);
    }

    /// <summary>Forgets what is there, because it is wrong. Nothing is appended after it.</summary>
    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        Length = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        _lock.Dispose();
    }

    private void TakeIn(CancellationToken cancellationToken)
    {
        if (RandomAccess.GetLength(_file) > Size) RandomAccess.SetLength(_file, 0);
        byte[] buffer = new byte[BufferLength];
        for (int read; (read = RandomAccess.Read(_file, buffer, Length)) > 0; Length += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, read);
        }

        IsResumed = Length > 0;
        Growth.Advance(Length);
    }

    private DockerIntegrityException TooLong(long length) => new(
        "DigestMismatch", $"The blob {_digest} should have {Size} bytes and has at least {length}: the registry's content is damaged or was changed.",
        _digest.ToString());
}
