using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Supervision;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>
/// One OCI container's directory: state.json, a copy of config.json, and start.sock, which is there until the container was started.
/// Verbs that change the container hold <see cref="Lock"/>.
/// </summary>
internal sealed class ContainerDirectory(string id, string path)
{
    private const int OwnerOnly = 0x180; // 0600

    public string Id => id;

    public string Path => path;

    public string StartSocket => path + "/start.sock";

    private string RecordFile => path + "/state.json";

    private string ConfigFile => path + "/config.json";

    /// <summary>Waits for whoever changes this container; closing the descriptor lets go. A blocked first process does not hold it.</summary>
    public int Lock() => LibC.LockFile(path + "/lock");

    public void Write(ContainerRecord record) => WholeFile.Write(RecordFile, record.ToJson().Span, OwnerOnly);

    public void WriteConfig(ReadOnlySpan<byte> json) => WholeFile.Write(ConfigFile, json, OwnerOnly);

    /// <summary>Null when creation had not come so far, or is under way.</summary>
    /// <exception cref="CommandException">The file is damaged.</exception>
    public ContainerRecord? TryRead()
    {
        if (LibC.TryReadFile(RecordFile) is not { } json) return null;
        try
        {
            return ContainerRecord.FromJson(json);
        }
        catch (JsonException e)
        {
            throw new CommandException($"'{RecordFile}' is damaged: {e.Message}. 'delete --force {id}' removes the container.");
        }
    }

    /// <exception cref="CommandException">The container was not wholly created.</exception>
    public ContainerRecord Read() => TryRead()
        ?? throw new CommandException($"container does not exist: the creation of '{id}' has not ended. 'delete --force {id}' removes what is left.");

    /// <summary>The configuration the container was created with.</summary>
    public RuntimeConfig ReadConfig() => BundleReader.Judged(path);

    /// <summary><c>creating created running paused stopped</c> (runtime.md, "State"), as it is now.</summary>
    public string Status(ContainerRecord? record)
    {
        if (record?.Init is not { } init) return record is null ? "stopped" : "creating";
        if (record.BootId != ProcStat.BootId() || ProcStat.StartTime(init.Pid) != init.StartTime) return "stopped";
        if (CgroupOf(record) is { } cgroup && IsFrozen(cgroup)) return "paused";
        return File.Exists(StartSocket) ? "created" : "running";
    }

    /// <summary>Null when it has none.</summary>
    public static Cgroup? CgroupOf(ContainerRecord record) =>
        record.Cgroups.Count > 0 ? Cgroup.FromDirectories(record.Cgroups) : null;

    public void Remove()
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    private static bool IsFrozen(Cgroup cgroup)
    {
        try
        {
            return cgroup.IsFrozen();
        }
        catch (LinuxException)
        {
            // A host without a freezer pauses nothing.
            return false;
        }
    }
}
