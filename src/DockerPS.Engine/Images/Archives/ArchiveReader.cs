using System.Formats.Tar;
using System.IO.Compression;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using ZstdSharp;

namespace DockerPS.Engine.Images.Archives;

/// <summary>
/// Lists what an archive holds. A plain tar is read by seeking from header to header, so that its files are later copied by offset in
/// whatever order; a compressed one is inflated once, each file into the session's directory and hashed on the way.
/// </summary>
internal static class ArchiveReader
{
    /// <summary>Returns the contents, or null when it is the archive of a root file system.</summary>
    /// <exception cref="DockerIntegrityException">UnknownArchiveFormat, ArchiveInvalid.</exception>
    public static ArchiveContents? Read(string path, StoreSession session, Action<long>? progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) return ReadDirectory(path);
        int entries = 0;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 4096);
            Span<byte> start = stackalloc byte[CompressionMagic.Length];
            int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (length == 0) throw ArchiveErrors.UnknownFormat(path, "it is empty");
            file.Position = 0;
            switch (CompressionMagic.Of(start[..length]))
            {
                case Compression.Gzip:
                    using (var inflated = new ReadAheadStream(new GZipStream(file, CompressionMode.Decompress)))
                        return ReadEntries(inflated, path, session, () => progress?.Invoke(file.Position), ref entries, cancellationToken);
                case Compression.Zstd:
                    using (var inflated = new ReadAheadStream(new DecompressionStream(file)))
                        return ReadEntries(inflated, path, session, () => progress?.Invoke(file.Position), ref entries, cancellationToken);
                default:
                    return ReadEntries(file, path, null, null, ref entries, cancellationToken);
            }
        }
        catch (Exception e) when (ArchiveErrors.IsDamage(e))
        {
            throw entries == 0
                ? ArchiveErrors.UnknownFormat(path, "it is not a tar archive", e)
                : ArchiveErrors.Invalid($"'{path}'", e.Message.TrimEnd('.'), e);
        }
    }

    private static ArchiveContents? ReadEntries(
        Stream stream, string path, StoreSession? staging, Action? advanced, ref int entries, CancellationToken cancellationToken)
    {
        var contents = new ArchiveContents();
        using var tar = new TarReader(stream, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries++;
            if (ArchiveContents.BelongsToRootFileSystem(entry.Name)) return null;
            switch (entry.EntryType)
            {
                case TarEntryType.SymbolicLink:
                    contents.AddLink(entry.Name, entry.LinkName, relative: true);
                    break;
                case TarEntryType.HardLink:
                    contents.AddLink(entry.Name, entry.LinkName, relative: false);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    contents.Add(entry.Name, staging is null
                        ? new ArchiveFile(path, entry.DataOffset, entry.Length)
                        : Stage(staging, entry, advanced, cancellationToken));
                    break;
            }
        }

        if (entries == 0) throw new InvalidDataException("There are no entries in it.");
        return contents.IsOciLayout || contents.IsDockerArchive ? contents : null;
    }

    private static ArchiveFile Stage(StoreSession session, TarEntry entry, Action? advanced, CancellationToken cancellationToken)
    {
        (string path, Digest digest, long length) =
            BlobStore.Stage(session, entry.DataStream ?? Stream.Null, advanced, cancellationToken);
        return new ArchiveFile(path, 0, length, digest);
    }

    private static ArchiveContents ReadDirectory(string path)
    {
        var contents = new ArchiveContents();
        foreach (string name in (string[])["index.json", "oci-layout", "manifest.json"]) AddFile(contents, path, name);
        if (!contents.IsOciLayout && !contents.IsDockerArchive)
        {
            throw ArchiveErrors.UnknownFormat(
                path, "the directory has neither index.json and oci-layout nor manifest.json; to make an image of what is in it, use "
                + "New-ContainerImage -Path");
        }

        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
            AddFile(contents, path, Path.GetRelativePath(path, file));
        return contents;
    }

    private static void AddFile(ArchiveContents contents, string directory, string name)
    {
        var file = new FileInfo(Path.Combine(directory, name));
        if (!file.Exists) return;
        string target = file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        contents.Add(name, new ArchiveFile(target, 0, new FileInfo(target).Length));
    }
}
