using System.Security.Cryptography;
using DockerPS.Oci.Digests;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Store;

/// <summary>
/// Content by digest: <c>content/blobs/sha256/…</c>. A blob appears under its name only after its digest and length were verified.
/// </summary>
internal sealed class BlobStore(StoreLayout layout)
{
    private const int BufferLength = 1 << 20;

    public bool Has(Digest digest) => File.Exists(layout.Blob(digest));

    public string PathOf(Digest digest) => layout.Blob(digest);

    public long LengthOf(Digest digest) => new FileInfo(layout.Blob(digest)).Length;

    /// <summary>The whole of a small blob (manifest, config).</summary>
    public byte[] Read(Digest digest) => File.ReadAllBytes(layout.Blob(digest));

    /// <summary>Stores small content durably; returns its digest.</summary>
    public Digest Put(StoreSession session, ReadOnlySpan<byte> bytes)
    {
        Digest digest = Digest.Of(bytes);
        Put(session, digest, bytes);
        return digest;
    }

    /// <summary>As <see cref="Put(StoreSession, ReadOnlySpan{byte})"/>, of content that is known to have this digest, of whatever algorithm.</summary>
    public void Put(StoreSession session, Digest digest, ReadOnlySpan<byte> bytes)
    {
        if (Has(digest)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(layout.Blob(digest))!);
        DurableFile.Write(layout.Blob(digest), session.NewFile(), bytes);
    }

    /// <summary>Takes over a file of the session that is known to have this digest.</summary>
    public void Adopt(string file, Digest digest)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(layout.Blob(digest))!);
        File.Move(file, layout.Blob(digest), overwrite: true);
    }

    /// <summary>Copies a range of a file, hashing on the way. Runs on the caller's thread: the work is all kernel and hash.</summary>
    /// <param name="source">Open for reading.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="expected">Digest that it must have, or null for its sha256.</param>
    /// <param name="label">What to call it in errors.</param>
    /// <param name="readSoon">The blob is read at once, not kept for later.</param>
    /// <param name="session">Whose temporary directory is used.</param>
    /// <param name="progress">Called with the bytes done.</param>
    /// <param name="cancellationToken">Stops the copy; nothing is left.</param>
    /// <exception cref="DockerIntegrityException">DigestMismatch, ArchiveInvalid (the source is shorter).</exception>
    public Digest Copy(
        StoreSession session, SafeFileHandle source, long offset, long length, Digest? expected, string label, bool readSoon,
        Action<long>? progress, CancellationToken cancellationToken)
    {
        string temporary = session.NewFile();
        try
        {
            Digest actual;
            using (IncrementalHash hash = expected?.NewHash() ?? IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                using (var target = new BlobFile(temporary, length, readSoon))
                {
                    CopyRange(source, offset, length, target, hash, label, progress, cancellationToken);
                    target.Complete();
                }

                actual = Finish(hash, expected, label);
            }

            Adopt(temporary, actual);
            return actual;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a stream to a file of the session, hashing on the way.</summary>
    public static (string Path, Digest Digest, long Length) Stage(
        StoreSession session, Stream stream, Action? advanced, CancellationToken cancellationToken)
    {
        string temporary = session.NewFile();
        var buffer = GC.AllocateUninitializedArray<byte>(BufferLength);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using SafeFileHandle target = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        long length = 0;
        for (int read; (read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0; length += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            RandomAccess.Write(target, buffer.AsSpan(0, read), length);
            advanced?.Invoke();
        }

        return (temporary, Digest.FromHash(hash.GetHashAndReset()), length);
    }

    private static void CopyRange(
        SafeFileHandle source, long offset, long length, BlobFile target, IncrementalHash hash, string label,
        Action<long>? progress, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> wanted = target.Buffer[..(int)Math.Min(BlobFile.BufferLength, length - done)];
            int read = Fill(source, wanted, offset + done);
            if (read < wanted.Length)
            {
                throw new DockerIntegrityException(
                    "ArchiveInvalid",
                    $"{label} should have {length} bytes and ends after {done + read}: the archive is cut short. Make or download it again.",
                    label);
            }

            hash.AppendData(wanted);
            target.Write(read);
            done += read;
            progress?.Invoke(done);
        }
    }

    private static int Fill(SafeFileHandle source, Span<byte> buffer, long offset)
    {
        int length = 0;
        for (int read; length < buffer.Length && (read = RandomAccess.Read(source, buffer[length..], offset + length)) > 0;) length += read;
        return length;
    }

    private static Digest Finish(IncrementalHash hash, Digest? expected, string label)
    {
        byte[] value = hash.GetHashAndReset();
        if (expected is not { } digest) return Digest.FromHash(value);
        return digest.Matches(value) ? digest : throw Mismatch(label, digest, $"{digest.Algorithm}:{Convert.ToHexStringLower(value)}");
    }

    /// <summary>Whether small content has its digest.</summary>
    /// <exception cref="DockerIntegrityException">DigestMismatch.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, Digest expected, string label)
    {
        using IncrementalHash hash = expected.NewHash();
        hash.AppendData(bytes);
        Finish(hash, expected, label);
    }

    public static DockerIntegrityException Mismatch(string label, Digest expected, string actual) => new(
        "DigestMismatch",
        $"{label} should have the digest {expected} and has {actual}: the content is damaged or was changed. Make or download it again.",
        label);
}
