using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Store;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

/// <summary>Data of volumes as archives and as copies. What is made is complete before it becomes a volume's.</summary>
public sealed partial class ContainerEngine
{
    /// <summary>
    /// Writes a volume's data as a tar, as they are: what containers change meanwhile may be in it as before or after, and leads nowhere else.
    /// The file appears when it is complete.
    /// </summary>
    /// <exception cref="DockerNotFoundException">VolumeNotFound, PathNotFound.</exception>
    /// <exception cref="DockerArgumentException">VolumeNotStored: its data are in memory or on a server.</exception>
    /// <exception cref="DockerConflictException">ExportPathExists.</exception>
    /// <exception cref="DockerEnvironmentException">DiskFull, PermissionDenied, ExportFailed.</exception>
    public Task<string> ExportVolumeAsync(string name, ContainerExport export, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        NeedRoot();
        string data = StoredData(name, out _);
        return WriteTreeAsync(
            export,
            output => Verb.ArchiveTreeAsync(
                new ArchiveTreeRequest { Layers = [data], AsItStands = true, Output = output },
                done => progress?.Report(new EngineProgress(name, "Exporting", done, 0)), cancellationToken),
            cancellationToken);
    }

    /// <summary>Makes a volume of a tar (plain, gzip or zstd) or of a directory.</summary>
    /// <param name="name">Of the new volume.</param>
    /// <param name="path">File or directory of the host.</param>
    /// <param name="replace">One that is there gets these data in place of its own; no container that uses it may run.</param>
    /// <param name="labels">Of a new volume.</param>
    /// <param name="progress">Told of bytes read.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="DockerConflictException">VolumeExists, VolumeInUse.</exception>
    /// <exception cref="DockerIntegrityException">ArchiveInvalid, ArchiveUnsafe.</exception>
    public Task<ContainerVolume> ImportVolumeAsync(
        string name, string path, bool replace, IReadOnlyDictionary<string, string> labels, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        bool directory = Directory.Exists(path);
        long total = directory ? 0 : new FileInfo(path).Length;
        void Report(long done) => progress?.Report(new EngineProgress(name, "Importing", done, total));
        return PutDataAsync(name, replace, labels, target => directory
            ? Verb.CopyTreeAsync(new CopyTreeRequest { Source = path, Target = target }, Report, cancellationToken)
            : Verb.ExtractLayerAsync(
                new LayerRequest
                {
                    Blob = path, Target = target, OverlayWhiteouts = false, Plain = true,
                    // A plain archive holds no more than its length; what is compressed may.
                    MaxBytes = Math.Max(_options.MaxLayerBytes, total),
                    MaxEntries = _options.MaxLayerEntries,
                },
                null, Report, cancellationToken), cancellationToken);
    }

    /// <summary>Makes a volume that begins with another's data, sharing blocks where the file system can.</summary>
    /// <exception cref="DockerConflictException">VolumeExists.</exception>
    public Task<ContainerVolume> CopyVolumeAsync(
        string name, string newName, bool replace, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        string data = StoredData(name, out VolumeRow row);
        return PutDataAsync(newName, replace, row.Labels, target => Verb.CopyTreeAsync(
            new CopyTreeRequest { Source = data, Target = target }, done => progress?.Report(new EngineProgress(name, "Copying", done, 0)), cancellationToken), cancellationToken);
    }

    /// <param name="name">The volume.</param>
    /// <param name="replace">One that is there gets the data in place of its own.</param>
    /// <param name="labels">Of a new one; null makes none.</param>
    /// <param name="fill">Makes the data in a directory, which is not there yet.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    private async Task<ContainerVolume> PutDataAsync(
        string name, bool replace, IReadOnlyDictionary<string, string>? labels, Func<string, Task> fill, CancellationToken cancellationToken)
    {
        VolumeNames.Check(name);
        NeedRoot();
        VolumeRow? known;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent()) known = VolumeTable.ByName(lease, name);
        if (known is not null && !replace) throw VolumeExists(name);
        if (known is null && labels is null) throw VolumeNotFound(name);
        if (known is not null && !LocalDriver.Parse(known.Options).IsPlain) throw NotStored(name);
        // Told before the work, not only after it.
        if (known is not null) (await HoldUsersAsync(known, cancellationToken).ConfigureAwait(false)).ForEach(held => held.Dispose());
        string target = VolumeDirectory.NewPath(_options);
        // Who opens the store meanwhile sees by the lock that this is no leftover.
        using FileLock held = FileLock.Take(target + ".lock", shared: false);
        try
        {
            await fill(target).ConfigureAwait(false);
            if (known is null && !TryAddVolume(new VolumeRow { Name = name, Created = DateTimeOffset.UtcNow, Labels = labels! }, target)) throw VolumeExists(name);
            if (known is not null) await ReplaceDataAsync(known, target, cancellationToken).ConfigureAwait(false);
            return (await GetVolumesAsync(new VolumeFilter { Names = [name] }, CancellationToken.None).ConfigureAwait(false))[0];
        }
        finally
        {
            Verb.RemoveTree(target);
            File.Delete(target + ".lock");
        }
    }

    /// <summary>Data and a volume's own change places, while none of its containers runs or can be started, and no other can come.</summary>
    /// <exception cref="DockerConflictException">VolumeInUse.</exception>
    private async Task ReplaceDataAsync(VolumeRow volume, string data, CancellationToken cancellationToken)
    {
        for (bool done = false; !done;)
        {
            List<ContainerLock> held = await HoldUsersAsync(volume, cancellationToken).ConfigureAwait(false);
            try
            {
                done = TryReplaceData(volume, data, [.. held.Select(one => one.Id)]);
            }
            finally
            {
                held.ForEach(one => one.Dispose());
            }
        }
    }

    /// <summary>Within a write transaction, in which no container gets the volume; false when one got it that is not held.</summary>
    private bool TryReplaceData(VolumeRow volume, string data, HashSet<string> held)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        using SqliteTransaction transaction = lease.BeginWrite();
        if (VolumeTable.ByName(lease, volume.Name)?.Created != volume.Created) throw VolumeNotFound(volume.Name);
        if (VolumeTable.UserIds(lease, volume.Name).Exists(id => !held.Contains(id))) return false;
        var directory = new VolumeDirectory(_options, volume.Name);
        directory.Create();
        // A beginning of which a killed start has left a part is not these data's.
        foreach (string unfinished in directory.Unfinished)
            if (Directory.Exists(unfinished)) Verb.RemoveTree(unfinished);
        Verb.Exchange(data, directory.Data);
        return true;
    }

    /// <summary>Holds the containers that use a volume, none of which runs.</summary>
    /// <exception cref="DockerConflictException">VolumeInUse.</exception>
    private async Task<List<ContainerLock>> HoldUsersAsync(VolumeRow volume, CancellationToken cancellationToken)
    {
        List<string> users;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent()) users = VolumeTable.UserIds(lease, volume.Name);
        List<ContainerLock> held = [];
        try
        {
            // In one order for all, so that no two wait for each other.
            foreach (string id in users.Order(StringComparer.Ordinal))
            {
                if (ContainerTable.ById(Catalogue, id) is not { } row) continue;
                if (Liveness.Of(DirectoryOf(id)).State == RunState.Alive) throw RunsWith(row, volume);
                if (await LockAsync(row, cancellationToken).ConfigureAwait(false) is not { } one) continue;
                held.Add(one);
                if (ContainerTable.ById(Catalogue, id) is { } now && SettleLocked(now, remove: false).Row is { State: ContainerState.Running }) throw RunsWith(row, volume);
            }

            return held;
        }
        catch
        {
            held.ForEach(one => one.Dispose());
            throw;
        }
    }

    private static DockerConflictException RunsWith(ContainerRow row, VolumeRow volume) => new(
        "VolumeInUse", $"Container '{row.Name}' runs with volume '{volume.Name}'. Stop it first (Stop-Container).", volume.Name);

    /// <summary>Directory of a volume's data on the host.</summary>
    private string StoredData(string name, out VolumeRow row)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        row = VolumeTable.ByName(lease, name) ?? throw VolumeNotFound(name);
        LocalDriver driver = LocalDriver.Parse(row.Options);
        if (driver.Type is not null) throw NotStored(name);
        var directory = new VolumeDirectory(_options, name);
        directory.Create();
        return driver.Bind ?? directory.Data;
    }

    private static DockerArgumentException NotStored(string name) => new(
        "VolumeNotStored", $"The data of volume '{name}' are not in the store but in memory, on a server or in a directory of the host, as its options say. Copy them through a container (Copy-ContainerItem).", name);
}
