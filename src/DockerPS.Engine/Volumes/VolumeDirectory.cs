namespace DockerPS.Engine.Volumes;

/// <summary>
/// Where the files of one volume are. A directory becomes and ceases to be a volume's within a write transaction of the catalogue, so that
/// no two sessions ever take one for different volumes: what is made lies in <c>.new</c> until then, what is removed in <c>.removed</c>.
/// </summary>
internal readonly struct VolumeDirectory(EngineOptions options, string name)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Root { get; } = Path.Join(VolumesRoot(options), name);

    /// <summary>What containers see.</summary>
    public string Data => Path.Join(Root, "_data");

    /// <summary>Held by whoever fills or exchanges the data.</summary>
    public string Lock => Path.Join(Root, "lock");

    /// <summary>What the filling of an empty volume leaves when it is killed: a copy that is not whole, and one that is but not moved in.</summary>
    public IReadOnlyList<string> Unfinished => [Path.Join(Root, "_data.new"), Path.Join(Root, "_data.ready")];

    public string Snapshots => Path.Join(Root, "snapshots");

    public static string VolumesRoot(EngineOptions options) => Path.Join(options.Root, "volumes");

    /// <summary>A path for what becomes a volume when it is complete.</summary>
    public static string NewPath(EngineOptions options) => Fresh(options, ".new");

    /// <summary>A path for what is to be deleted.</summary>
    public static string RemovedPath(EngineOptions options) => Fresh(options, ".removed");

    public string SnapshotPath(string snapshot) => Path.Join(Snapshots, snapshot);

    /// <summary>Makes what is missing. Idempotent.</summary>
    public void Create()
    {
        Make(Path.GetDirectoryName(Root)!, Owner);
        Make(Root, Owner);
        Make(Data, Owner | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    /// <summary>Makes the directory of a volume whose row is being added, of data that are ready or of none.</summary>
    public void CreateNew(EngineOptions options, string? data = null)
    {
        // What a killed remover left belongs to the volume before this one.
        if (Directory.Exists(Root)) Directory.Move(Root, RemovedPath(options));
        Make(VolumesRoot(options), Owner);
        Make(Root, Owner);
        if (data is null) Create();
        else Directory.Move(data, Data);
    }

    private static string Fresh(EngineOptions options, string kind)
    {
        string directory = Path.Join(VolumesRoot(options), kind);
        Make(VolumesRoot(options), Owner);
        Make(directory, Owner);
        return Path.Join(directory, Guid.NewGuid().ToString("N"));
    }

    private static void Make(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, mode);
    }
}
