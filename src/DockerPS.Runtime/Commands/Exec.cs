using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Lifecycle;
using DockerPS.Runtime.Steps;

namespace DockerPS.Runtime.Commands;

/// <summary><c>exec ID COMMAND…</c>: a further process in a running container.</summary>
internal static class Exec
{
    private static readonly string[] s_table = [.. ExecProcess.Table, "detach|d", "pid-file=", "console-socket=", "preserve-fds=", "cgroup=", "ignore-paused"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table, leading: true);
        if (arguments.Help) return Usage.Verb("exec", "ID COMMAND [ARGUMENT…]", s_table);
        if (arguments.Positional.Count == 0) throw new CommandException("\"exec\" takes the id of a container and a command.");
        ContainerDirectory directory = options.Root.Find(arguments.Positional[0]);
        ContainerRecord record = directory.Read();
        string status = directory.Status(record);
        if (status is "stopped" or "creating") throw new CommandException($"cannot exec in a {status} container: '{directory.Id}'.");
        if (status == "paused" && !arguments.Has("ignore-paused"))
            throw new CommandException("cannot exec in a paused container (use --ignore-paused to override).");
        RuntimeConfig config = directory.ReadConfig();
        RuntimeProcess process = ExecProcess.From(arguments, config);
        bool detached = arguments.Has("detach");
        ListenDescriptors kept = ListenDescriptors.From(arguments.Number("preserve-fds") ?? 0);
        if (kept.Environment.Count > 0) process.Env = [.. process.Env ?? [], .. kept.Environment];
        SignalRelay? signals = detached ? null : SignalRelay.Watch();
        int console = ConsoleSocket.Connect(arguments.Value("console-socket"), process.Terminal, detached);
        int pidfd = ProcStat.OpenPidfd(record.Init!.Pid, record.Init.StartTime);
        if (pidfd < 0) throw new CommandException($"cannot exec in a stopped container: '{directory.Id}'.");
        var setting = new Setting
        {
            Config = config,
            Process = process,
            Bundle = record.Bundle,
            CgroupLayout = CgroupLayout.Detect(),
            Cgroup = CgroupFor(record, arguments.Value("cgroup")),
            KeptDescriptors = kept.Count,
            SeccompCache = options.Root.SeccompCache,
            ListenerState = _ => OciState.ToJson(record, status, full: false),
        };
        setting.Descriptors.Add(pidfd);
        Credentials.Warn(process, setting.InUserNamespace, options.Log.Warning);
        using ProcessStreams streams = ProcessStreams.Inherited(process.Terminal);
        using var plan = new StepPlan();
        Birthplan.Command(plan, setting, pidfd);
        Born born = Birth.Run(plan, setting, streams, 0, pidfd, CgroupStep.CloneInto(setting));
        if (console >= 0) ConsoleSocket.Send(console, streams.Output, process.ConsoleSize);
        if (arguments.Value("pid-file") is { } file) PidFile.Write(file, born.Pid);
        if (detached) return 0;
        if (console < 0 && process.Terminal) ConsoleSocket.Resize(streams.Output, process.ConsoleSize);
        return Foreground.Wait(born, signals!, console < 0 && process.Terminal ? streams.Output : -1);
    }

    /// <summary>The container's group, or one below it.</summary>
    private static Cgroup? CgroupFor(ContainerRecord record, string? below)
    {
        if (record.Cgroups.Count == 0) return null;
        if (string.IsNullOrEmpty(below) || below == "/") return Cgroup.FromDirectories(record.Cgroups);
        string path = "/" + below.Trim('/');
        if (path.Split('/').Contains("..")) throw new CommandException($"--cgroup: '{below}' leaves the container's cgroup.");
        foreach (string directory in record.Cgroups)
        {
            if (!Directory.Exists(directory + path))
                throw new CommandException($"--cgroup: there is no '{directory}{path}'. Name a group below the container's, in every hierarchy.");
        }

        return Cgroup.FromDirectories([.. record.Cgroups.Select(d => d + path)]);
    }
}
