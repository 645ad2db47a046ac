using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Base of the verbs that look for snapshots by volume and name, which may both be patterns.</summary>
public abstract class EngineSnapshotCommand : EngineCommand
{
    private protected IReadOnlyList<ContainerVolumeSnapshot> Find(string volume, string? snapshot)
    {
        if (!Try(volume, (engine, token) => engine.GetVolumesAsync(new VolumeFilter { Names = [volume] }, token), out IReadOnlyList<ContainerVolume> volumes)) return [];
        List<ContainerVolumeSnapshot> found = [];
        foreach (ContainerVolume one in volumes)
            if (Try(volume, engine => engine.GetVolumeSnapshots(one.Name), out IReadOnlyList<ContainerVolumeSnapshot> all)) found.AddRange(all);
        if (snapshot is null) return found;
        var pattern = new WildcardPattern(snapshot, WildcardOptions.IgnoreCase);
        List<ContainerVolumeSnapshot> matching = found.FindAll(s => pattern.IsMatch(s.Snapshot));
        if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(snapshot))
        {
            WriteError(ErrorRecords.From(new DockerNotFoundException(
                "SnapshotNotFound", $"Volume '{volume}' has no snapshot '{snapshot}'. Get-ContainerVolumeSnapshot lists them.", snapshot)));
        }

        return matching;
    }
}
