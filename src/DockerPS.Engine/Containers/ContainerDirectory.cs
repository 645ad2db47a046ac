using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Containers;

/// <summary>Where the files of one container are.</summary>
internal readonly struct ContainerDirectory(EngineOptions options, string id)
{
    public string Id { get; } = id;
    public string Root { get; } = Path.Join(options.Root, "containers", id);

    /// <summary>With half of the id, which is as unique: a socket's path has at most 107 bytes, and the run root takes its share.</summary>
    public string RunDirectory { get; } = Path.Join(options.RunRoot, id.Length > 32 ? id[..32] : id);
    public string Config => Path.Join(Root, "config.json");
    public string Supervise => Path.Join(Root, "supervise.json");
    public string State => Path.Join(Root, "state.json");
    public string Log => Path.Join(Root, "log.jsonl");
    public string Lock => Path.Join(Root, "lock");
    public string Hosts => Path.Join(Root, "hosts");
    public string Hostname => Path.Join(Root, "hostname");
    public string ResolvConf => Path.Join(Root, "resolv.conf");

    /// <summary>The seccomp profile that was named when the container was made.</summary>
    public string SeccompProfile => Path.Join(Root, "seccomp.json");
    public string Upper => Path.Join(Root, "upper");
    public string Work => Path.Join(Root, "work");
    public string Rootfs => Path.Join(Root, "rootfs");

    /// <summary>What belongs to single mounts: places for them, and what was written to trees of images.</summary>
    public string Mounts => Path.Join(Root, "mounts");
    public string ControlSocket => Path.Join(RunDirectory, "control.sock");

    public static string ContainersRoot(EngineOptions options) => Path.Join(options.Root, "containers");

    /// <summary>Makes what is missing of the directories. Idempotent.</summary>
    public void Create()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        // Others may pass through: a user inside of the container has no rights of root on these directories.
        const UnixFileMode passable = ownerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        const UnixFileMode readable = passable | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (!Directory.Exists(Root)) Make(Root, passable);
        if (!Directory.Exists(Upper)) Make(Upper, readable);
        if (!Directory.Exists(Work)) Make(Work, ownerOnly);
        if (!Directory.Exists(Rootfs)) Make(Rootfs, readable);

        static void Make(string path, UnixFileMode mode)
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, mode);
        }
    }

    /// <summary>What the supervisor says of the present or last run; null when there has been none since the last start.</summary>
    public SupervisedState? ReadState()
    {
        try
        {
            byte[] json = File.ReadAllBytes(State);
            return json.Length == 0 ? null : System.Text.Json.JsonSerializer.Deserialize(json, BundleJson.Default.SupervisedState);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Deletes all that is here when it is only what the engine and the supervisor write; false when there is more (an upper
    /// directory with content), of which nothing was touched.
    /// </summary>
    public bool TryDeleteQuickly()
    {
        try
        {
            RemoveEmpty(Upper);
            RemoveEmpty(Path.Join(Work, "work"));
            RemoveEmpty(Work);
            RemoveEmpty(Rootfs);
            foreach (string file in (ReadOnlySpan<string>)[Config, Supervise, State, Log, Hosts, Hostname, ResolvConf, SeccompProfile, Lock]) Remove(file);
            RemoveEmpty(Root);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return !Directory.Exists(Root);
        }
    }

    /// <summary>Deletes the directory of sockets.</summary>
    public void DeleteRunDirectory()
    {
        try
        {
            if (Directory.Exists(RunDirectory)) Directory.Delete(RunDirectory, recursive: true);
        }
        catch (IOException)
        {
            // Another session deletes it at this moment.
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Another session was faster.
        }
    }

    private static void RemoveEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (DirectoryNotFoundException)
        {
            // It never ran, or another session was faster.
        }
    }
}
