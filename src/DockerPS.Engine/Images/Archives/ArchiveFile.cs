using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Engine.Images.Archives;

/// <summary>A file of an archive: a range of a file on disk.</summary>
/// <param name="Path">File that holds it: the archive itself, a file of a layout's directory, or a temporary file.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Staged">Its sha256 when it is a temporary file of the session, which then may be moved into the store.</param>
internal sealed record ArchiveFile(string Path, long Offset, long Length, Digest? Staged = null)
{
    public SafeFileHandle Open() => File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);

    /// <summary>The whole of a small file.</summary>
    /// <exception cref="DockerIntegrityException">ArchiveInvalid: it is longer than such a file may be, or cut short.</exception>
    public byte[] ReadAll(string label, int limit = 32 << 20)
    {
        if (Length > limit) throw ArchiveErrors.Invalid(label, $"it has {Length} bytes, and {limit} is the most that is read");
        var bytes = new byte[Length];
        using SafeFileHandle handle = Open();
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(handle, bytes.AsSpan(done), Offset + done);
            if (read == 0) throw ArchiveErrors.Invalid(label, "it is cut short");
            done += read;
        }

        return bytes;
    }

    public Compression Compression()
    {
        Span<byte> start = stackalloc byte[CompressionMagic.Length];
        using SafeFileHandle handle = Open();
        int read = RandomAccess.Read(handle, start[..(int)Math.Min(start.Length, Length)], Offset);
        return CompressionMagic.Of(start[..read]);
    }
}
