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
    private readonly SafeFileHandle _handle;
    private readonly IncrementalHash _hash;
    private readonly Digest _digest;
    private BlobFile? _file;

    /// <summary>Bytes in the file's buffer.</summary>
    private int _filled;

    private PartialBlob(StoreLayout layout, FileLock held, Digest digest, long size)
    {
        (_layout, _lock, _digest, Size) = (layout, held, digest, size);
        Directory.CreateDirectory(Path.GetDirectoryName(layout.Blob(digest))!);
        _hash = digest.NewHash();
        _handle = File.OpenHandle(layout.PartialBlob(digest), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
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

    /// <summary>Takes the next bytes. Large blobs are written in large pieces; what is missing then is written at the end, or when this is given up.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch: there are more than it may have.</exception>
    /// <exception cref="IOException">They cannot be written.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Length + bytes.Length > Size) throw TooLong(Length + bytes.Length);
        _hash.AppendData(bytes.Span);
        Length += bytes.Length;
        while (bytes.Length > 0)
        {
            int count = Fill(bytes.Span);
            bytes = bytes[count..];
            if (_filled == _file!.Buffer.Length || !_file.IsLarge) await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives it its name. When it is not what it should be, nothing of it is kept.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _file!.CompleteAsync(cancellationToken).ConfigureAwait(false);
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
        Settle();
        RandomAccess.SetLength(_handle, 0);
        (Length, _filled) = (0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Settle();
        if (_file is null) _handle.Dispose();
        else _file.Dispose();
        _hash.Dispose();
        _lock.Dispose();
    }

    private void TakeIn(CancellationToken cancellationToken)
    {
        if (RandomAccess.GetLength(_handle) > Size) RandomAccess.SetLength(_handle, 0);
        byte[] buffer = new byte[BufferLength];
        for (int read; (read = RandomAccess.Read(_handle, buffer, Length)) > 0; Length += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, read);
        }

        IsResumed = Length > 0;
        Growth.Begin(Length);
        _file = new BlobFile(_handle, Length, Size, BufferLength, Growth.Advance);
    }

    private int Fill(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = _file!.Buffer[_filled..];
        int count = Math.Min(room.Length, bytes.Length);
        bytes[..count].CopyTo(room);
        _filled += count;
        return count;
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_filled == 0) return;
        int count = _filled;
        await _file!.WriteAsync(count, cancellationToken).ConfigureAwait(false);
        _filled = 0;
    }

    /// <summary>Writes what was taken and not yet written, as far as that is possible.</summary>
    private void Settle()
    {
        if (_file is null) return;
        try
        {
            if (_filled > 0) _file.Write(_filled);
            _file.Complete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever wrote has been told, or has given up; the next one goes on with what is in the file.
        }

        _filled = 0;
    }

    private DockerIntegrityException TooLong(long length) => new(
        "DigestMismatch", $"The blob {_digest} should have {Size} bytes and has at least {length}: the registry's content is damaged or was changed.",
        _digest.ToString());
}
