using System.Globalization;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Store;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Keeps a volume's data as they are now; blocks are shared where the file system can (reflink), else copied.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="snapshot">Null takes the time.</param>
    /// <param name="description">For the reader.</param>
    /// <param name="progress">Told of bytes copied.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="DockerArgumentException">VolumeNotStored: its data are in memory, on a server or in a directory of the host.</exception>
    /// <exception cref="DockerConflictException">SnapshotExists.</exception>
    public async Task<ContainerVolumeSnapshot> CheckpointVolumeAsync(
        string name, string? snapshot, string description, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        if (snapshot is not null) VolumeNames.Check(snapshot, "snapshot");
        NeedRoot();
        string data = StoredData(name, out VolumeRow row), target = VolumeDirectory.NewPath(_options);
        // What cannot be brought back is not kept either.
        if (row.Options.Count > 0) throw NotStored(name);
        var directory = new VolumeDirectory(_options, name);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string chosen = snapshot ?? now.ToLocalTime().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        if (snapshot is not null && GetVolumeSnapshots(name).Any(s => s.Snapshot == snapshot)) throw SnapshotExists(name, snapshot);
        using FileLock held = FileLock.Take(target + ".lock", shared: false);
        try
        {
            CopyTreeResult copy = await Verb.CopyTreeAsync(
                new CopyTreeRequest { Source = data, Target = target }, done => progress?.Report(new EngineProgress(name, "Copying", done, 0)), cancellationToken).ConfigureAwait(false);
            for (int attempt = 2; ; attempt++)
            {
                var made = new ContainerVolumeSnapshot
                {
                    Volume = name, Snapshot = chosen, Created = now, Path = directory.SnapshotPath(chosen), Description = description, Size = copy.Size, Shared = copy.Shared,
                };
                using CatalogueDatabase.Lease lease = Catalogue.Rent();
                using SqliteTransaction transaction = lease.BeginWrite();
                if (VolumeTable.ByName(lease, name)?.Created != row.Created) throw VolumeNotFound(name);
                // What killed sessions left has no row.
                HashSet<string> known = [.. VolumeTable.Snapshots(lease, name, directory.SnapshotPath).Select(s => s.Path)];
                if (VolumeTable.TryAddSnapshot(lease, made))
                {
                    Directory.CreateDirectory(directory.Snapshots);
                    Verb.RemoveTrees([.. Directory.EnumerateDirectories(directory.Snapshots).Where(path => !known.Contains(path))]);
                    Directory.Move(target, made.Path);
                    transaction.Commit();
                    return made;
                }

                if (snapshot is not null) throw SnapshotExists(name, snapshot);
                chosen = string.Create(CultureInfo.InvariantCulture, $"{now.ToLocalTime():yyyyMMdd-HHmmss}-{attempt}");
            }
        }
        finally
        {
            Verb.RemoveTree(target);
            File.Delete(target + ".lock");
        }
    }

    /// <summary>Snapshots of a volume, oldest first.</summary>
    /// <exception cref="DockerNotFoundException">VolumeNotFound.</exception>
    public IReadOnlyList<ContainerVolumeSnapshot> GetVolumeSnapshots(string name)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        if (VolumeTable.ByName(lease, name) is null) throw VolumeNotFound(name);
        return VolumeTable.Snapshots(lease, name, new VolumeDirectory(_options, name).SnapshotPath);
    }

    /// <summary>Brings a volume back to a snapshot, which stays. None of its containers may run.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="snapshot">Null is the newest.</param>
    /// <param name="progress">Told of bytes copied.</param>
    /// <param name="cancellationToken">Ends it; the volume is then as it was.</param>
    /// <exception cref="DockerNotFoundException">SnapshotNotFound.</exception>
    /// <exception cref="DockerConflictException">VolumeInUse.</exception>
    public async Task<ContainerVolume> RestoreVolumeAsync(
        string name, string? snapshot, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ContainerVolumeSnapshot wanted = FindSnapshot(name, snapshot);
        return await PutDataAsync(name, replace: true, labels: null, target => Verb.CopyTreeAsync(
            new CopyTreeRequest { Source = wanted.Path, Target = target }, done => progress?.Report(new EngineProgress(name, "Restoring", done, wanted.Size)), cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a snapshot; the volume stays as it is.</summary>
    /// <exception cref="DockerNotFoundException">SnapshotNotFound.</exception>
    public void RemoveVolumeSnapshot(string name, string snapshot)
    {
        NeedRoot();
        ContainerVolumeSnapshot known = FindSnapshot(name, snapshot);
        string removed = VolumeDirectory.RemovedPath(_options);
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            if (!VolumeTable.DeleteSnapshot(lease, name, snapshot)) throw SnapshotNotFound(name, snapshot);
            if (Directory.Exists(known.Path)) Directory.Move(known.Path, removed);
            transaction.Commit();
        }

        Verb.RemoveTree(removed);
    }

    private ContainerVolumeSnapshot FindSnapshot(string name, string? snapshot)
    {
        IReadOnlyList<ContainerVolumeSnapshot> all = GetVolumeSnapshots(name);
        return (snapshot is null ? all.LastOrDefault() : all.FirstOrDefault(s => s.Snapshot == snapshot)) ?? throw SnapshotNotFound(name, snapshot);
    }

    private static DockerNotFoundException SnapshotNotFound(string volume, string? snapshot) => new(
        "SnapshotNotFound",
        $"Volume '{volume}' has no snapshot{(snapshot is null ? "" : $" '{snapshot}'")}. Get-ContainerVolumeSnapshot lists them, Checkpoint-ContainerVolume makes one.",
        snapshot ?? volume);

    private static DockerConflictException SnapshotExists(string volume, string snapshot) => new(
        "SnapshotExists", $"Volume '{volume}' has a snapshot '{snapshot}' already. Choose another name, or remove that one (Remove-ContainerVolumeSnapshot).", snapshot);
}
