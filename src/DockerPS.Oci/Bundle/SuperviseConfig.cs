using System.Text.Json.Serialization;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Oci.Bundle;

/// <summary>
/// supervise.json: what surrounds config.json. Written by the engine before each start, read once by
/// <c>dockerps-runtime supervise CONTAINER-DIRECTORY</c>. All paths are absolute.
/// </summary>
public sealed class SuperviseConfig
{
    public required string Id { get; set; }
    public required string Name { get; set; }

    /// <summary>Unpacked layers, topmost first. Overlay's lowerdir; empty uses config.json's root.path as it is.</summary>
    public List<string> LowerDirectories { get; set; } = [];

    public string? UpperDirectory { get; set; }
    public string? WorkDirectory { get; set; }

    /// <summary>Skip overlay's syncs: for containers that are removed when they end.</summary>
    public bool Volatile { get; set; }

    /// <summary>Where the log goes (json-file format, appended); null writes none.</summary>
    public string? LogPath { get; set; }

    /// <summary>Directory of control.sock and pid.</summary>
    public required string RunDirectory { get; set; }

    /// <summary>User as it was asked for (name, uid, user:group); the runtime looks it up in the container's files.
    /// Null takes config.json's numbers as they are.</summary>
    public string? User { get; set; }

    /// <summary>Additional groups, names or numbers, looked up like <see cref="User"/>.</summary>
    public List<string> GroupAdd { get; set; } = [];

    /// <summary>Devices of the host that the container gets. The engine does not look at them: the supervisor takes type and numbers
    /// from <see cref="SuperviseDevice.Source"/>, makes the node and allows it in the devices cgroup.</summary>
    public List<SuperviseDevice> Devices { get; set; } = [];

    /// <summary>Privileged: every device node below the host's /dev, except pts, shm, mqueue and console; those that vanish meanwhile
    /// are left out. The cgroup rules of config.json already allow all.</summary>
    public bool AllDevices { get; set; }

    /// <summary>Keep the container's standard input open; else it is /dev/null.</summary>
    public bool OpenStdin { get; set; }

    /// <summary>Forward output on the message channel, and the supervisor's standard input into the container.</summary>
    public bool Attached { get; set; }

    /// <summary>Run a reaper as PID 1.</summary>
    public bool Init { get; set; }

    public int StopSignal { get; set; } = 15;

    /// <summary>Milliseconds between stop signal and SIGKILL when a stop request names none; -1 waits for ever.</summary>
    public int StopTimeout { get; set; } = 10_000;

    /// <summary>Another OCI runtime's executable, which makes the container in our place; null is this one.</summary>
    public string? Runtime { get; set; }

    /// <summary>Directory of compiled seccomp filters; null compiles one at each start.</summary>
    public string? SeccompCache { get; set; }

    /// <summary>Mounts of config.json for which something is to be done before: volumes, and trees of images.</summary>
    public List<SuperviseSource> Sources { get; set; } = [];

    /// <summary>Delete upper and work directories when it has ended.</summary>
    public bool AutoRemove { get; set; }

    /// <summary>Networks that it is connected to before its program starts; needs a network namespace of its own.</summary>
    public List<SuperviseNetwork> Networks { get; set; } = [];

    /// <summary>Ports of the host that lead to it.</summary>
    public List<SupervisePort> Ports { get; set; } = [];

    /// <summary>Name servers that are asked for names which the networks do not know; null runs no name server for the container.</summary>
    public List<string>? NameServers { get; set; }

    /// <summary>The container serves names itself: its name server leaves port 53 of all addresses to it.</summary>
    public bool ServesNames { get; set; }
}

/// <summary>
/// What has to be done before a bind mount of config.json. Nothing of it is mounted on the host: with our own runtime its source is then a
/// detached mount, with another one it is mounted over the source's path, which is there, in that runtime's mount namespace.
/// </summary>
public sealed class SuperviseSource
{
    /// <summary>Index of the mount in config.json's mounts.</summary>
    public int Mount { get; set; }

    /// <summary>A volume's name or an image's, for messages.</summary>
    public string Name { get; set; } = "";

    /// <summary>Directory of the data when there is no file system to mount.</summary>
    public string? Data { get; set; }

    /// <summary>Type, device and options of a file system to mount.</summary>
    public string? Type { get; set; }
    public string? Device { get; set; }
    public List<string> Options { get; set; } = [];

    /// <summary>Directories of other containers that may have the file system mounted, each followed by its place there: it is taken from
    /// one that runs, so that all see one.</summary>
    public List<string> Peers { get; set; } = [];

    /// <summary>Layers of an image, topmost first.</summary>
    public List<string> Layers { get; set; } = [];
    public string? UpperDirectory { get; set; }
    public string? WorkDirectory { get; set; }

    /// <summary>Only what is there of it is mounted; looked up so that links in it lead nowhere else.</summary>
    public string? Subpath { get; set; }

    /// <summary>When the data are empty they begin as a copy of what the container's image has there.</summary>
    public string? CopyFrom { get; set; }

    /// <summary>Where that copy is made before its files are moved to their place; null copies in place.</summary>
    public string? Staging { get; set; }

    /// <summary>File that is locked meanwhile.</summary>
    public string? Lock { get; set; }
}

/// <summary>A device of the host in a container.</summary>
public sealed class SuperviseDevice
{
    /// <summary>Path on the host, followed when it is a symbolic link; a directory stands for all devices below it.</summary>
    public required string Source { get; set; }

    /// <summary>Path in the container.</summary>
    public required string Target { get; set; }

    /// <summary>Of <c>r</c>, <c>w</c> and <c>m</c>(knod).</summary>
    public string Permissions { get; set; } = "rwm";
}

/// <summary>Who a process of the host is: a pid may be given again, pid with start time may not.</summary>
public sealed class ProcessIdentity
{
    public int Pid { get; set; }

    /// <summary>Clock ticks after boot: field 22 of /proc/PID/stat.</summary>
    public ulong StartTime { get; set; }
}

/// <summary>state.json beside config.json: written (beside, then renamed) by the container's supervisor alone.</summary>
public sealed class SupervisedState
{
    public required string Id { get; set; }

    /// <summary><c>starting running paused exited failed</c>. Failed: it never ran, see <see cref="Failure"/>.</summary>
    public required string Status { get; set; }

    /// <summary>/proc/sys/kernel/random/boot_id at the start: after a reboot nothing of it runs.</summary>
    public required string BootId { get; set; }

    public required ProcessIdentity Supervisor { get; set; }

    /// <summary>The first process, as the host sees it.</summary>
    public ProcessIdentity? Init { get; set; }

    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public int? ExitCode { get; set; }
    public bool OomKilled { get; set; }
    public RuntimeFailure? Failure { get; set; }

    /// <summary>Cgroup directories that were made, by absolute path; cleanup removes them.</summary>
    public List<string> Cgroups { get; set; } = [];

    /// <summary>Ports of the host that lead to it while it runs.</summary>
    public List<SupervisePort> Ports { get; set; } = [];

    /// <summary>Faults of its networks that are in effect while it runs.</summary>
    public List<SuperviseFault> Faults { get; set; } = [];
}

/// <summary>A step that failed: the stage's name, the system call as text, errno and Docker's exit code for it.</summary>
public sealed class RuntimeFailure
{
    /// <summary>Of <see cref="RuntimeStages"/>.</summary>
    public required string Stage { get; set; }
    public string Call { get; set; } = "";
    public int Errno { get; set; }

    /// <summary>One sentence for people.</summary>
    public required string Text { get; set; }

    /// <summary>125 engine, 126 cannot be executed, 127 not found.</summary>
    public int ExitCode { get; set; } = 125;
}

/// <summary>Names of stages of a container's birth, and of the other verbs, as they stand in <see cref="RuntimeFailure.Stage"/>.</summary>
public static class RuntimeStages
{
    public const string Config = "Config";
    public const string Cgroup = "Cgroup";
    public const string Namespaces = "Namespaces";

    /// <summary>Interfaces, addresses, routes and rules.</summary>
    public const string Network = "Network";

    /// <summary>A fault of a network that this machine's kernel cannot make.</summary>
    public const string FaultRate = "FaultRate";
    public const string FaultLatency = "FaultLatency";
    public const string FaultRules = "FaultRules";
    public const string Overlay = "Overlay";
    public const string Mounts = "Mounts";
    public const string Devices = "Devices";
    public const string PivotRoot = "PivotRoot";
    public const string Hostname = "Hostname";
    public const string Sysctl = "Sysctl";
    public const string Rlimits = "Rlimits";
    public const string User = "User";
    public const string Capabilities = "Capabilities";
    public const string Seccomp = "Seccomp";
    public const string WorkingDirectory = "WorkingDirectory";
    public const string Terminal = "Terminal";
    public const string Hooks = "Hooks";
    public const string Security = "Security";
    public const string Scheduling = "Scheduling";
    public const string Exec = "Exec";

    /// <summary>A volume, or the tree of an image.</summary>
    public const string Volume = "Volume";

    /// <summary>A path that is not there, or is of the wrong kind.</summary>
    public const string Path = "Path";

    /// <summary>Another runtime refused.</summary>
    public const string Runtime = "Runtime";

    /// <summary>Something that is no archive, or a damaged one.</summary>
    public const string Archive = "Archive";

    /// <summary>An archive with an entry that reaches outside of the target.</summary>
    public const string ArchiveUnsafe = "ArchiveUnsafe";

    /// <summary>An archive over the limits of bytes or entries.</summary>
    public const string ArchiveTooLarge = "ArchiveTooLarge";

    /// <summary>Content that has another digest than was said.</summary>
    public const string Integrity = "Integrity";

    /// <summary>Writing failed (no space, read-only, input/output error).</summary>
    public const string Write = "Write";
}

/// <summary>
/// First thing on standard input of <c>dockerps-runtime execute CONTAINER-DIRECTORY</c>: a 32-bit little-endian length and this as
/// JSON; what follows is the process's standard input.
/// </summary>
public sealed class ExecuteRequest
{
    /// <summary>Args, env (complete), cwd, terminal, capabilities, noNewPrivileges, rlimits as the container's or as asked.</summary>
    public required RuntimeProcess Process { get; set; }

    /// <summary>As <see cref="SuperviseConfig.User"/>.</summary>
    public string? User { get; set; }
    public List<string> GroupAdd { get; set; } = [];
    public bool OpenStdin { get; set; }

    /// <summary>Return when the process has started; its output goes nowhere.</summary>
    public bool Detached { get; set; }
}

/// <summary>
/// A request on control.sock: one JSON line; the answer is one <see cref="ControlReply"/> line. A connection carries one request.
/// </summary>
public sealed class ControlRequest
{
    /// <summary><c>signal</c> (Signal), <c>stop</c> (Signal, Timeout; answers when the container has ended), <c>pause</c>, <c>resume</c>,
    /// <c>hold</c> (a pause that ends with the connection at the latest), <c>wait</c> (answers when the container has ended), <c>resize</c> (Rows, Columns), <c>connect</c> and
    /// <c>disconnect</c> (Network), <c>publish</c> and <c>unpublish</c> (Port), <c>rename</c> (Name, NewName), <c>faults</c> (Faults).</summary>
    public required string Verb { get; set; }
    public int Signal { get; set; }

    /// <summary>Milliseconds; -1 waits for ever; null takes supervise.json's.</summary>
    public int? Timeout { get; set; }

    /// <summary>With <c>stop</c>: it is started again, so what it wrote is kept even with <see cref="SuperviseConfig.AutoRemove"/>.</summary>
    public bool KeepLayer { get; set; }
    public int Rows { get; set; }
    public int Columns { get; set; }

    /// <summary>With <c>rename</c>: the old and the new name.</summary>
    public string? Name { get; set; }
    public string? NewName { get; set; }

    /// <summary>With <c>connect</c> and <c>disconnect</c>.</summary>
    public SuperviseNetwork? Network { get; set; }

    /// <summary>With <c>connect</c> of a container that had no networks: <see cref="SuperviseConfig.NameServers"/>.</summary>
    public List<string>? NameServers { get; set; }

    /// <summary>With <c>publish</c>, and with <c>unpublish</c>, where 0 and null of the host's side mean any.</summary>
    public SupervisePort? Port { get; set; }

    /// <summary>With <c>faults</c>: each replaces what its network has of its kind; all or none come into effect.</summary>
    public List<SuperviseFault>? Faults { get; set; }
}

public sealed class ControlReply
{
    public bool Ok { get; set; }
    public RuntimeFailure? Failure { get; set; }

    /// <summary>With <c>stop</c> and <c>wait</c>.</summary>
    public int? ExitCode { get; set; }
    public bool OomKilled { get; set; }

    /// <summary>With <c>publish</c>: the host's port, where a free one was asked for the one that was taken.</summary>
    public int? HostPort { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SuperviseConfig))]
[JsonSerializable(typeof(SupervisedState))]
[JsonSerializable(typeof(ExecuteRequest))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(RuntimeFailure))]
[JsonSerializable(typeof(StartedMessage))]
[JsonSerializable(typeof(ExitedMessage))]
[JsonSerializable(typeof(SuperviseNetwork))]
[JsonSerializable(typeof(TestNetworkRequest))]
[JsonSerializable(typeof(TestNetworkResult))]
[JsonSerializable(typeof(LayerRequest))]
[JsonSerializable(typeof(LayerResult))]
[JsonSerializable(typeof(ArchiveRequest))]
[JsonSerializable(typeof(ArchiveResult))]
[JsonSerializable(typeof(DiffRequest))]
[JsonSerializable(typeof(ArchiveTreeRequest))]
[JsonSerializable(typeof(CompareTreesRequest))]
[JsonSerializable(typeof(CompareTreesResult))]
[JsonSerializable(typeof(List<TreeChange>))]
[JsonSerializable(typeof(MeasureRequest))]
[JsonSerializable(typeof(MeasureResult))]
[JsonSerializable(typeof(MountTreeRequest))]
[JsonSerializable(typeof(MountResult))]
[JsonSerializable(typeof(UnmountTreeRequest))]
[JsonSerializable(typeof(CopyTreeRequest))]
[JsonSerializable(typeof(CopyTreeResult))]
[JsonSerializable(typeof(CopyItemRequest))]
[JsonSerializable(typeof(CopyItemResult))]
[JsonSerializable(typeof(MeasureTreeRequest))]
[JsonSerializable(typeof(TreeSize))]
public sealed partial class BundleJson : JsonSerializerContext;
