using System.Text.Json;
using System.Text.Json.Serialization;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Store;

/// <summary>
/// Images whose files are mounted on the machine: a record each in <c>mounts/</c>, written before the mount is made, so that no image goes
/// from under one. A mount lives without any session; the record of one that is gone (unmounted by hand, or by a restart) is dropped.
/// </summary>
internal sealed class ImageMounts(StoreLayout layout, RuntimeVerb runtime)
{
    private const string Ending = ".json";
    private const int Busy = 16, NotMounted = 22;

    private static readonly Lazy<string> BootId = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    private static string Namespace => new FileInfo("/proc/self/ns/mnt").LinkTarget ?? "";

    private string Lock => Path.Combine(layout.Mounts, "lock");

    /// <summary>All mounts. One directory listing when there are none.</summary>
    public IReadOnlyList<ContainerImageMount> List() => [.. Live().Select(found => found.Record.Mount)];

    public IReadOnlyList<ContainerImageMount> Of(string imageId) => [.. List().Where(mount => mount.ImageId == imageId)];

    public static DockerConflictException InUse(string name, IReadOnlyList<ContainerImageMount> mounts) => new(
        "ImageMounted",
        $"The image '{name}' is mounted at {string.Join(", ", mounts.Select(mount => mount.Path))}. Take that away first with Dismount-ContainerImage, or use -Force.",
        name);

    /// <summary>Mounts an image's layers.</summary>
    /// <param name="image">Finds the image and keeps it while the record is written.</param>
    /// <param name="path">Where; null takes a directory of the store's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ContainerImageMount> MountAsync(
        Action<Action<NamedImageLayers>> image, string? path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Mounts);
        string empty = Path.Combine(layout.Mounts, "empty");
        Directory.CreateDirectory(empty);
        using FileLock held = await FileLock.TakeAsync(Lock, shared: false, temporary: false, cancellationToken).ConfigureAwait(false);
        MountRecord? record = null;
        string file = Path.Combine(layout.Mounts, Guid.NewGuid().ToString("N") + Ending);
        NamedImageLayers? found = null;
        try
        {
            image(named =>
            {
                found = named;
                string target = path ?? Path.Combine(layout.Mounts, named.Id[7..19]);
                if (path is null && Live(dropped: false).FirstOrDefault(m => m.Record.Mount.Path == target) is { Record: { } there })
                {
                    record = there;
                    return;
                }

                record = Prepare(target, named);
                DurableFile.Write(file, file + ".new", JsonSerializer.SerializeToUtf8Bytes(record, MountRecordJson.Default.MountRecord));
            });
            if (!File.Exists(file)) return record!.Mount;
            string real = await runtime.MountTreeAsync(
                new MountTreeRequest { Layers = [.. found!.Layers], Base = empty, Target = record!.Mount.Path, Source = record.Source }, cancellationToken)
                .ConfigureAwait(false);
            if (real != record.Mount.Path)
            {
                record = record with { Mount = record.Mount with { Path = real } };
                DurableFile.Write(file, file + ".new", JsonSerializer.SerializeToUtf8Bytes(record, MountRecordJson.Default.MountRecord));
            }

            return record.Mount;
        }
        catch
        {
            if (record is not null && !MountTable.Has(record.Mount.Path, record.Source)) Drop(file, record);
            throw;
        }
    }

    /// <summary>Takes a mount away, with its record and the directory that was made for it.</summary>
    /// <param name="mount">Of <see cref="List"/>.</param>
    /// <param name="detach">Also while somebody uses it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DockerConflictException">ImageMountBusy.</exception>
    public async Task DismountAsync(ContainerImageMount mount, bool detach, CancellationToken cancellationToken)
    {
        using FileLock held = await FileLock.TakeAsync(Lock, shared: false, temporary: false, cancellationToken).ConfigureAwait(false);
        foreach ((string file, MountRecord record) in Live(dropped: false).Where(m => m.Record.Mount == mount))
        {
            try
            {
                await runtime.UnmountTreeAsync(record.Mount.Path, detach, cancellationToken).ConfigureAwait(false);
            }
            catch (ContainerRuntimeException e) when (e.Errno == Busy)
            {
                throw new DockerConflictException(
                    "ImageMountBusy",
                    $"'{mount.Path}' is in use: a program has its working directory or a file there. End that, or use -Force to take it from sight at once.",
                    mount, e);
            }
            catch (ContainerRuntimeException e) when (e.Errno == NotMounted)
            {
                // Somebody was faster.
            }

            Drop(file, record);
        }
    }

    /// <summary>Takes mounts away for the removal of their image, on this thread.</summary>
    public void Detach(IReadOnlyList<ContainerImageMount> mounts)
    {
        foreach (ContainerImageMount mount in mounts) DismountAsync(mount, detach: true, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static MountRecord Prepare(string target, NamedImageLayers named)
    {
        bool made = !Directory.Exists(target);
        if (File.Exists(target) || (!made && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new DockerConflictException(
                "MountPathNotEmpty", $"'{target}' is not an empty directory. Give the path of one, or of one that is to be made.", target);
        }

        Directory.CreateDirectory(target);
        return new MountRecord
        {
            Mount = new ContainerImageMount { Image = named.Reference, ImageId = named.Id, Path = target, Mounted = DateTimeOffset.UtcNow },
            Source = "dockerps-" + named.Id[7..19],
            BootId = BootId.Value,
            Namespace = Namespace,
            MadeDirectory = made,
        };
    }

    private List<(string File, MountRecord Record)> Live(bool dropped = true)
    {
        var live = new List<(string, MountRecord)>();
        if (!Directory.Exists(layout.Mounts)) return live;
        foreach (string file in Directory.EnumerateFiles(layout.Mounts, "*" + Ending))
        {
            if (Read(file) is not { } record) continue;
            if (!IsGone(record)) live.Add((file, record));
            else if (dropped && !TryDrop(file)) live.Add((file, record));
        }

        return live;
    }

    /// <summary>Whether the record is of a mount that is no more. One of another mount namespace cannot be seen from here, and counts as there.</summary>
    private static bool IsGone(MountRecord record) => record.BootId != BootId.Value
        || (record.Namespace == Namespace && !MountTable.Has(record.Mount.Path, record.Source));

    /// <summary>Drops a record unless somebody makes or takes a mount at this moment.</summary>
    private bool TryDrop(string file)
    {
        using FileLock? held = FileLock.TryTake(Lock, shared: false);
        if (held is null) return false;
        if (Read(file) is { } record && IsGone(record)) Drop(file, record);
        return true;
    }

    private static void Drop(string file, MountRecord record)
    {
        File.Delete(file);
        try
        {
            if (record.MadeDirectory) Directory.Delete(record.Mount.Path);
        }
        catch (IOException)
        {
            // It holds something else by now, or is gone.
        }
    }

    private static MountRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), MountRecordJson.Default.MountRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What an image is mounted from.</summary>
/// <param name="Id">Of the image.</param>
/// <param name="Reference">Its name, or its id.</param>
/// <param name="Layers">Directories, topmost first.</param>
internal sealed record NamedImageLayers(string Id, string Reference, IReadOnlyList<string> Layers);

/// <summary>A mount as it stands on the disk.</summary>
internal sealed record MountRecord
{
    public required ContainerImageMount Mount { get; init; }

    /// <summary>What the kernel says of where it comes from.</summary>
    public required string Source { get; init; }

    public required string BootId { get; init; }

    /// <summary>The mount namespace in which it was made.</summary>
    public required string Namespace { get; init; }

    public bool MadeDirectory { get; init; }
}

[JsonSerializable(typeof(MountRecord))]
internal sealed partial class MountRecordJson : JsonSerializerContext;
