using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Oci.Bundle;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Removes; a running one only with force (SIGKILL first). One that another session removes meanwhile is removed, too.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerRunning, without <paramref name="force"/>.</exception>
    public Task RemoveContainerAsync(string id, bool force, CancellationToken cancellationToken) =>
        RemoveContainerAsync(id, force, withVolumes: false, cancellationToken);

    /// <inheritdoc cref="RemoveContainerAsync(string, bool, CancellationToken)"/>
    /// <param name="id">Id or name.</param>
    /// <param name="force">Also a running one.</param>
    /// <param name="withVolumes">And its anonymous volumes, unless other containers use them.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task RemoveContainerAsync(string id, bool force, bool withVolumes, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        ContainerDirectory directory = DirectoryOf(row.Id);
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            if (ContainerTable.ById(Catalogue, row.Id) is not { } now)
            {
                // Waiting for the lock may have made the directory again.
                directory.TryDeleteQuickly();
                return;
            }

            (ContainerRow? settled, Run run) = SettleLocked(now);
            if (settled is null) return;
            if (run.State == RunState.Alive)
            {
                if (!force)
                {
                    throw new DockerInvalidStateException(
                        "ContainerRunning",
                        $"Container '{row.Name}' is {(run.Paused ? "paused" : "running")}. Stop it first (Stop-Container), or remove it with -Force.",
                        row.Name);
                }

                await KillLockedAsync(settled, directory, run, cancellationToken).ConfigureAwait(false);
            }
            else if (settled.State == ContainerState.Running)
            {
                throw new DockerInvalidStateException(
                    "ContainerRunning", $"Container '{row.Name}' is being started by another session. Try again in some seconds.", row.Name);
            }

            RemoveLocked(settled, directory, withVolumes || settled.AutoRemove);
        }
    }

    private async Task KillLockedAsync(ContainerRow row, ContainerDirectory directory, Run run, CancellationToken cancellationToken)
    {
        await TryAskAsync(row, new ControlRequest { Verb = "signal", Signal = Signals.Kill }, cancellationToken).ConfigureAwait(false);
        if (run.Paused) await TryAskAsync(row, new ControlRequest { Verb = "resume" }, cancellationToken).ConfigureAwait(false);
        if (await Liveness.EndAsync(run.Supervised!, TeardownTime, cancellationToken).ConfigureAwait(false)
            && Liveness.Of(directory).State == RunState.Ended) return;
        // A supervisor that does not answer, or was killed meanwhile.
        RunToEnd(row.Name, "cleanup", directory.Root);
    }

    /// <summary>
    /// Takes the container out of the catalogue, by which it is removed, and then deletes its files; should this process be killed
    /// between the two, the next opening deletes them. The caller holds the lock, and nothing of the container runs.
    /// </summary>
    private void RemoveLocked(ContainerRow row, ContainerDirectory directory, bool withVolumes)
    {
        if (!DeleteRow(row, withVolumes)) return;
        DeleteFiles(row.Name, directory);
        Images.Release(row.ImageId);
        foreach (ContainerMount mount in row.Spec.Mounts)
            if (mount.Type == ContainerMountType.Image) Images.Release(mount.Source);
        LogRemoved(row.Name);
    }

    /// <summary>Deletes the row, and those of its own volumes with it when asked to, then the volumes' files.</summary>
    private bool DeleteRow(ContainerRow row, bool withVolumes)
    {
        if (!withVolumes || !row.Spec.Mounts.Any(m => m.Type == ContainerMountType.Volume)) return ContainerTable.Delete(Catalogue, row.Id);
        List<string> own;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            own = VolumeTable.OwnOf(lease, row.Id);
            if (lease.Execute("DELETE FROM containers WHERE id = $id", ("$id", row.Id)) == 0) return false;
            foreach (string volume in own) VolumeTable.TryDelete(lease, volume);
            transaction.Commit();
        }

        RemoveVolumeFiles(own);
        return true;
    }

    private void DeleteFiles(string name, ContainerDirectory directory)
    {
        // What a container wrote may have names that are no text to .NET, and is deleted by the native executable.
        if (!directory.TryDeleteQuickly()) RunToEnd(name, "remove-tree", directory.Root);
        directory.DeleteRunDirectory();
    }

    /// <summary>Deletes directories of containers that are in no row: their remover was killed. Safe beside other sessions.</summary>
    private void RemoveOrphans(CatalogueDatabase catalogue)
    {
        string root = ContainerDirectory.ContainersRoot(_options);
        if (!Directory.Exists(root)) return;
        HashSet<string>? known = null;
        foreach (string path in Directory.EnumerateDirectories(root))
        {
            // Rows are made before directories, so a directory that was listed before the rows were read and is in none is left over.
            known ??= [.. ContainerTable.Ids(catalogue)];
            string id = Path.GetFileName(path);
            if (known.Contains(id) || ContainerTable.ById(catalogue, id) is not null) continue;
            ContainerDirectory directory = DirectoryOf(id);
            using ContainerLock? mine = ContainerLock.Try(directory);
            if (mine is null) continue;
            try
            {
                if (Liveness.Of(directory).State is RunState.Alive or RunState.Lost) RunToEnd(id[..Math.Min(12, id.Length)], "cleanup", path);
                DeleteFiles(id, directory);
                LogOrphan(path);
            }
            catch (DockerException e)
            {
                LogLeftOver(path, e.Message);
            }
        }
    }
}
