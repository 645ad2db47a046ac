using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary>The options before the verb, which all OCI verbs share.</summary>
internal sealed class RuntimeOptions
{
    /// <summary>Names as runc's and crun's.</summary>
    public static readonly string[] Table =
    [
        "root=", "log=", "log-format=", "debug", "cgroup-manager=", "systemd-cgroup", "rootless=", "criu=", "version|v",
    ];

    public required RuntimeRoot Root { get; init; }

    public required RuntimeLog Log { get; init; }

    /// <summary>Cgroups are made by systemd as transient scopes, not by us in the file system.</summary>
    public required bool SystemdCgroup { get; init; }

    public static RuntimeOptions From(VerbArguments arguments)
    {
        string format = arguments.Value("log-format") ?? "text";
        if (format is not ("text" or "json")) throw new CommandException($"--log-format: '{format}' is not text or json.");
        string manager = arguments.Value("cgroup-manager") ?? (arguments.Has("systemd-cgroup") ? "systemd" : "cgroupfs");
        if (manager is not ("cgroupfs" or "systemd" or "disabled"))
            throw new CommandException($"--cgroup-manager: '{manager}' is not cgroupfs or systemd.");
        return new RuntimeOptions
        {
            Root = new RuntimeRoot(arguments.Value("root") ?? RuntimeRoot.DefaultPath),
            Log = new RuntimeLog(arguments.Value("log"), format == "json", arguments.Has("debug")),
            SystemdCgroup = manager == "systemd",
        };
    }
}
