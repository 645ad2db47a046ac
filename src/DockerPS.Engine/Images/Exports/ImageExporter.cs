using System.Security.Cryptography;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Exports;

/// <summary>
/// Writes images as one file or directory. The session that it holds keeps a collection from taking what it reads; digests are verified
/// on the way, and what is not whole and right never gets the name.
/// </summary>
internal sealed class ImageExporter(ImageStore store, ImageExport export)
{
    private const int BufferLength = 1 << 20;
    private const long ProgressStep = 8 << 20;
    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(export.Path));
    private long _done, _reported;

    private bool IsDirectory => export.AsDirectory || Path.EndsInDirectorySeparator(export.Path) || Directory.Exists(_path);

    /// <summary>Returns the path.</summary>
    public string Run(IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        using StoreSession session = store.OpenSession();
        var images = new List<NamedImage>();
        foreach (string name in export.Names) images.AddRange(store.List([name], dangling: false).Where(image => !images.Contains(image)));
        if (images.Count == 0) throw new DockerNotFoundException("ImageNotFound", "There is no image to export. Name one.", export.Path);
        ExportPlan plan = ExportPlan.Make(images, export.Format, store.Blobs);
        CheckPlace();
        try
        {
            using var output = new PartialOutput(_path);
            using (IExportTarget target = IsDirectory ? new DirectoryTarget(output.Path) : new TarTarget(output.Path, ArchiveCompression.Of(export.Compression)))
            {
                Write(plan, target, progress, cancellationToken);
                target.Complete();
            }

            output.Place();
            return _path;
        }
        catch (Exception e) when (e is not DockerException && ExportErrors.From(e, _path) is { } error)
        {
            throw error;
        }
    }

    private void CheckPlace()
    {
        if (IsDirectory && export.Compression != ContainerArchiveCompression.None)
            throw new DockerArgumentException("InvalidCompression", $"'{_path}' is a directory, and only a file is compressed. Leave the compression out.", _path);
        bool taken = File.Exists(_path) || (Directory.Exists(_path) && Directory.EnumerateFileSystemEntries(_path).Any());
        if (!taken) return;
        if (!export.Overwrite)
            throw new DockerConflictException("ExportPathExists", $"'{_path}' is there already. Remove it, choose another path, or leave -NoClobber out.", _path);
        if (IsDirectory && (File.Exists(_path) || !IsLayout(_path)))
        {
            throw new DockerConflictException(
                "ExportPathExists", $"'{_path}' is there and holds other things than images. Give the path of a new directory or file in it.", _path);
        }
    }

    /// <summary>Only what is an export itself is replaced.</summary>
    private static bool IsLayout(string directory) =>
        File.Exists(Path.Combine(directory, "oci-layout"))
        && Directory.EnumerateFileSystemEntries(directory).All(e => Path.GetFileName(e) is "oci-layout" or "index.json" or "manifest.json" or "blobs");

    private void Write(ExportPlan plan, IExportTarget target, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        long total = plan.TotalBytes;
        string item = Path.GetFileName(_path);
        foreach ((string name, Descriptor blob) in plan.Blobs)
        {
            Stream stream = target.Begin(name, blob.Size);
            Copy(blob, stream, done =>
            {
                _done += done;
                if (_done - _reported < ProgressStep && _reported > 0) return;
                _reported = _done;
                progress?.Report(new EngineProgress(item, "Writing", _done, total));
            }, cancellationToken);
            target.End();
        }

        foreach ((string name, byte[] bytes) in plan.Documents)
        {
            target.Begin(name, bytes.Length).Write(bytes);
            target.End();
        }

        progress?.Report(new EngineProgress(item, "Done", total, total));
    }

    private void Copy(Descriptor blob, Stream target, Action<long> advanced, CancellationToken cancellationToken)
    {
        Digest digest = Digest.Parse(blob.Digest);
        using IncrementalHash hash = digest.NewHash();
        using FileStream file = new(store.Blobs.PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        if (file.Length != blob.Size) throw Damaged(blob, $"it has {file.Length} bytes and should have {blob.Size}");
        using Stream source = blob.Size > BufferLength ? new ReadAheadStream(file) : file;
        byte[] buffer = new byte[(int)Math.Min(blob.Size + 1, BufferLength)];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
            advanced(read);
        }

        byte[] actual = hash.GetHashAndReset();
        if (!digest.Matches(actual)) throw Damaged(blob, $"its digest is {digest.Algorithm}:{Convert.ToHexStringLower(actual)}");
    }

    private static DockerIntegrityException Damaged(Descriptor blob, string how) => new(
        "DigestMismatch",
        $"The stored content {blob.Digest} is damaged: {how}. Repair it with Test-ContainerImage -Repair, or remove the image and bring it in again.",
        blob.Digest);
}
