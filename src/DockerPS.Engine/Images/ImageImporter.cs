using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images;

/// <summary>Imports what is in a file or directory. A failure leaves nothing of the image in the store.</summary>
internal sealed class ImageImporter(ImageStore store, EngineOptions options)
{
    public async Task<IReadOnlyList<NamedImage>> ImportAsync(
        ImageImport import, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ImageReference? name = import.Name is null ? null : NameOf(import.Name);
        Check(import.Path);
        return await StoreChange.RunAsync(store, options, async session =>
        {
            try
            {
                return await ImportAsync(import, name, session, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (ArchiveErrors.IsDamage(e))
            {
                throw ArchiveErrors.Invalid($"'{import.Path}'", e.Message.TrimEnd('.'), e);
            }
        }).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<NamedImage>> ImportAsync(
        ImageImport import, ImageReference? name, StoreSession session, IProgress<EngineProgress>? progress,
        CancellationToken cancellationToken)
    {
        var writer = new ImageWriter(store, session, progress);
        long length = Directory.Exists(import.Path) ? 0 : new FileInfo(import.Path).Length;
        string item = Path.GetFileName(import.Path);
        ArchiveContents? contents = await Task.Run(
            () => ArchiveReader.Read(
                import.Path, session, done => progress?.Report(new EngineProgress(item, "Reading", done, length)), cancellationToken),
            cancellationToken).ConfigureAwait(false);
        if (contents is null)
        {
            if (name is null)
                throw ArchiveErrors.UnknownFormat(import.Path, "it has no image's manifest; to import it as a root file system give it a name with -Name");
            StagedImage root = await RootFileSystem.StageAsync(
                import, name, store, writer, progress, cancellationToken).ConfigureAwait(false);
            return await writer.WriteAsync(root, cancellationToken).ConfigureAwait(false);
        }

        if (import.Changes.Count > 0)
            throw new DockerArgumentException("InvalidChange", "Changes apply only to the import of a root file system; this archive's images have configs.", import.Path);
        List<StagedImage> images = contents.IsOciLayout ? new OciLayout(contents, import.Path).Read() : DockerArchive.Read(contents);
        if (images.Count == 0) throw ArchiveErrors.UnknownFormat(import.Path, "there is no image in it");
        if (name is not null) images = [Renamed(images, name, import.Path)];
        var imported = new List<NamedImage>();
        foreach (StagedImage image in images)
            imported.AddRange(await writer.WriteAsync(image, cancellationToken).ConfigureAwait(false));
        return imported;
    }

    private static StagedImage Renamed(List<StagedImage> images, ImageReference name, string path) => images.Count == 1
        ? images[0] with { Names = [name] }
        : throw new DockerArgumentException(
            "InvalidReference", $"'{path}' holds {images.Count} images: one name cannot be given to all. Import it without -Name and use Add-ContainerImageTag.", name.Familiar);

    private static ImageReference NameOf(string text)
    {
        ImageReference name = ImageStore.ParseName(text);
        return name.Digest is null
            ? name
            : throw new DockerArgumentException("InvalidReference", $"'{text}' has a digest: a name that is given to an image has only a tag.", text);
    }

    private static void Check(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new DockerNotFoundException("ImportPathNotFound", $"There is no file or directory '{path}' to import. Check the path.", path);
        try
        {
            if (File.Exists(path)) File.OpenHandle(path).Dispose();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new DockerEnvironmentException("PermissionDenied", $"'{path}' cannot be read: {e.Message}", path, e);
        }
    }
}
