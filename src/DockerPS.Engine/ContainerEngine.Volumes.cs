using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Runtime;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.References;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

/// <summary>Which volumes to return; conditions are joined by and, values of one by or.</summary>
public sealed record VolumeFilter
{
    /// <summary>Names or patterns. A literal one throws when there is none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Only those that no container uses.</summary>
    public bool Dangling { get; init; }

    /// <summary>Measure what they take on the disk.</summary>
    public bool Size { get; init; }
}

public sealed partial class ContainerEngine
{
    /// <summary>Makes a volume. One of that name with the same options is returned as it is.</summary>
    /// <exception cref="DockerArgumentException">InvalidVolumeName, InvalidVolumeOption.</exception>
    /// <exception cref="DockerConflictException">VolumeExists, with other options.</exception>
    public ContainerVolume CreateVolume(string? name, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> options)
    {
        if (name is not null) VolumeNames.Check(name);
        LocalDriver.Parse(options);
        NeedRoot();
        var row = new VolumeRow
        {
            Name = name ?? VolumeNames.Anonymous(), Created = DateTimeOffset.UtcNow, Anonymous = name is null, Labels = labels, Options = options,
        };
        if (TryAddVolume(row, data: null)) return PresentVolume(row, []);
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        VolumeRow known = VolumeTable.ByName(lease, row.Name) ?? throw VolumeNotFound(row.Name);
        if (!Same(known.Options, options) || (labels.Count > 0 && !Same(known.Labels, labels))) throw VolumeExists(row.Name);
        return PresentVolume(known, VolumeTable.Users(lease).GetValueOrDefault(known.Name) ?? []);
    }

    /// <summary>Volumes by filter, by name.</summary>
    /// <exception cref="DockerNotFoundException">VolumeNotFound: a literal name is no volume's.</exception>
    public async Task<IReadOnlyList<ContainerVolume>> GetVolumesAsync(VolumeFilter filter, CancellationToken cancellationToken)
    {
        List<VolumeRow> rows;
        Dictionary<string, List<string>> users;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            rows = VolumeTable.All(lease);
            users = VolumeTable.Users(lease);
        }

        foreach (string name in filter.Names)
            if (!NamePattern.Is(name) && !rows.Exists(r => r.Name == name)) throw VolumeNotFound(name);
        var found = new List<ContainerVolume>();
        foreach (VolumeRow row in rows)
        {
            if (filter.Names.Count > 0 && !filter.Names.Any(n => n == row.Name || (NamePattern.Is(n) && NamePattern.Matches(n, row.Name)))) continue;
            if (filter.Labels.Count > 0 && !filter.Labels.Any(l => HasLabel(row.Labels, l))) continue;
            List<string> names = users.GetValueOrDefault(row.Name) ?? [];
            if (filter.Dangling && names.Count > 0) continue;
            ContainerVolume volume = PresentVolume(row, names);
            found.Add(filter.Size ? await MeasuredAsync(volume, cancellationToken).ConfigureAwait(false) : volume);
        }

        return found;
    }

    /// <summary>For completion: names of volumes, those with a name of their own first.</summary>
    public IReadOnlyList<string> GetVolumeNames()
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        return [.. VolumeTable.All(lease).OrderBy(v => v.Anonymous).Select(v => v.Name)];
    }

    /// <summary>Removes a volume with its data and snapshots.</summary>
    /// <exception cref="DockerNotFoundException">VolumeNotFound.</exception>
    /// <exception cref="DockerConflictException">VolumeInUse: containers have it, running or not.</exception>
    public void RemoveVolume(string name)
    {
        NeedRoot();
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            if (VolumeTable.ByName(lease, name) is null) throw VolumeNotFound(name);
            if (!VolumeTable.TryDelete(lease, name)) throw VolumeInUse(name, VolumeTable.Users(lease)[name]);
            transaction.Commit();
        }

        RemoveVolumeFiles([name]);
    }

    /// <summary>As <see cref="RemoveVolume"/>; false when a container uses it by now, or another session was faster.</summary>
    public bool TryRemoveVolume(string name)
    {
        try
        {
            RemoveVolume(name);
            return true;
        }
        catch (DockerException e) when (e is DockerConflictException or DockerNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Volumes that no container uses, with the room that goes with them: what is on a server or in a directory of the host stays.</summary>
    /// <param name="all">Also those with a name.</param>
    /// <param name="labels">Only with one of these labels.</param>
    /// <param name="cancellationToken">Ends the measuring.</param>
    public async Task<IReadOnlyList<ContainerVolume>> UnusedVolumesAsync(
        bool all, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        List<ContainerVolume> unused = [];
        foreach (ContainerVolume volume in await GetVolumesAsync(new VolumeFilter { Dangling = true, Labels = labels }, cancellationToken).ConfigureAwait(false))
        {
            if (!all && !volume.Anonymous) continue;
            unused.Add(volume.Options.Count == 0 ? await MeasuredAsync(volume, cancellationToken).ConfigureAwait(false) : volume with { Size = 0 });
        }

        return unused;
    }

    private async Task<ContainerVolume> MeasuredAsync(ContainerVolume volume, CancellationToken cancellationToken)
    {
        if (LocalDriver.Parse(volume.Options) is { IsPlain: false, Bind: null } || !Directory.Exists(volume.Mountpoint)) return volume with { Size = 0, Files = 0 };
        try
        {
            Oci.Bundle.TreeSize size = await Verb.MeasureTreeAsync(volume.Mountpoint, cancellationToken).ConfigureAwait(false);
            return volume with { Size = size.Size, Files = size.Files };
        }
        catch (DockerException) when (!Directory.Exists(volume.Mountpoint))
        {
            // Another session removes it at this moment.
            return volume with { Size = 0, Files = 0 };
        }
    }

    private RuntimeVerb Verb => new(_options.RuntimePath, _logger);

    /// <summary>Adds the row and makes the directory at once; false when the name is taken.</summary>
    private bool TryAddVolume(VolumeRow row, string? data)
    {
        try
        {
            using CatalogueDatabase.Lease lease = Catalogue.Rent();
            using SqliteTransaction transaction = lease.BeginWrite();
            if (!VolumeTable.TryInsert(lease, row)) return false;
            new VolumeDirectory(_options, row.Name).CreateNew(_options, data);
            transaction.Commit();
            return true;
        }
        catch (Exception e) when (StoreErrors.From(e, _options.Root) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Deletes the files of volumes that are no more. Should this process be killed meanwhile, the next opening does it.</summary>
    private void RemoveVolumeFiles(IReadOnlyList<string> names)
    {
        List<string> trees = [];
        foreach (string name in names)
        {
            if (TakeOut(name) is { } tree) trees.Add(tree);
        }

        Verb.RemoveTrees(trees);
    }

    /// <summary>Moves the directory of a volume away unless a new one of that name has it.</summary>
    private string? TakeOut(string name)
    {
        var directory = new VolumeDirectory(_options, name);
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        using SqliteTransaction transaction = lease.BeginWrite();
        if (VolumeTable.ByName(lease, name) is not null || !Directory.Exists(directory.Root)) return null;
        string removed = VolumeDirectory.RemovedPath(_options);
        Directory.Move(directory.Root, removed);
        transaction.Commit();
        return removed;
    }

    /// <summary>Deletes what killed sessions left of volumes. Safe beside other sessions.</summary>
    private void RemoveVolumeOrphans(CatalogueDatabase catalogue)
    {
        string root = VolumeDirectory.VolumesRoot(_options);
        if (!Directory.Exists(root)) return;
        List<string> names = [.. Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!)];
        HashSet<string> known;
        using (CatalogueDatabase.Lease lease = catalogue.Rent()) known = [.. VolumeTable.All(lease).Select(v => v.Name)];
        foreach (string name in names)
        {
            if (name == ".removed") Verb.RemoveTrees([.. Directory.EnumerateDirectories(Path.Join(root, name))]);
            else if (name == ".new") RemoveUnfinished(Path.Join(root, name));
            // What else somebody keeps here (lost+found, say) is none of ours.
            else if (!known.Contains(name) && VolumeNames.Is(name) && Directory.Exists(new VolumeDirectory(_options, name).Data) && TakeOut(name) is { } tree)
                Verb.RemoveTree(tree);
        }
    }

    /// <summary>Whoever makes data holds a lock beside them, before and until they are a volume's.</summary>
    private void RemoveUnfinished(string directory)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(directory).Select(p => p.EndsWith(".lock", StringComparison.Ordinal) ? p[..^5] : p).Distinct())
        {
            using FileLock? held = FileLock.TryTake(path + ".lock", shared: false, temporary: true);
            if (held is not null) Verb.RemoveTree(path);
        }
    }

    private ContainerVolume PresentVolume(VolumeRow row, List<string> users) => new()
    {
        Name = row.Name,
        Created = row.Created,
        Mountpoint = LocalDriver.Parse(row.Options).Bind ?? new VolumeDirectory(_options, row.Name).Data,
        Labels = row.Labels,
        Options = row.Options,
        Anonymous = row.Anonymous,
        Containers = users,
    };

    private static bool HasLabel(IReadOnlyDictionary<string, string> labels, string wanted)
    {
        string[] pair = wanted.Split('=', 2);
        return labels.TryGetValue(pair[0], out string? value) && (pair.Length == 1 || value == pair[1]);
    }

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    private static DockerConflictException VolumeInUse(string name, List<string> users) => new(
        "VolumeInUse",
        $"Volume '{name}' is in use by {(users.Count == 1 ? "container" : "containers")} {string.Join(", ", users.Take(5))}"
        + $"{(users.Count > 5 ? $" and {users.Count - 5} more" : "")}. Remove {(users.Count == 1 ? "it" : "them")} first (Remove-Container).",
        name);

    private static DockerNotFoundException VolumeNotFound(string name) =>
        new("VolumeNotFound", $"There is no volume '{name}'. Get-ContainerVolume lists what there is, New-ContainerVolume makes one.", name);

    private static DockerConflictException VolumeExists(string name) => new(
        "VolumeExists", $"There is a volume '{name}' already. Remove it first (Remove-ContainerVolume), or choose another name.", name);
}
