using System.Globalization;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Foreign;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Networks;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Supervision;
using DockerPS.Runtime.Volumes;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// <c>supervise DIRECTORY</c>: starts the container of a bundle and stays beside it until it has ended. Speaks
/// <see cref="RuntimeMessageKind"/> on standard output; standard input is the container's when attached.
/// </summary>
internal static class Supervise
{
    public static int Run(string directory)
    {
        // A supervisor outlives whoever started it, and must not hold their pipes open; nothing of its own is open yet.
        LibC.CloseAbove(2);
        // A session of its own: what ends the starter's terminal does not end the container.
        LibC.setsid();
        var channel = new MessageChannel();
        try
        {
            OwnExecutable.Protect();
            using var start = new ContainerStart(directory, channel);
            return start.Run();
        }
        catch (RuntimeFailureException e)
        {
            channel.Failed(e.Failure);
            return 1;
        }
        catch (LinuxException e)
        {
            channel.Failed(RuntimeFailureException.From(RuntimeStages.Config, e).Failure);
            return 1;
        }
    }
}

/// <summary>One start of one container, from bundle to end.</summary>
internal sealed class ContainerStart : IDisposable
{
    private readonly string _directory;
    private readonly MessageChannel _channel;
    private readonly RuntimeConfig _config;
    private readonly SuperviseConfig _surroundings;
    private readonly StateFile _file;
    private readonly SupervisedState _state;
    private readonly CgroupLayout _layout;
    private readonly string _cgroupPath;
    private readonly ForeignRuntime? _foreign;
    private Cgroup? _cgroup;
    private LogWriter? _log;
    private ControlServer? _control;
    private ProcessStreams? _streams;
    private readonly ContainerNetworks _networks;
    private MountedSources? _sources;

    public ContainerStart(string directory, MessageChannel channel)
    {
        _directory = Path.GetFullPath(directory);
        _channel = channel;
        _config = BundleReader.Config(_directory, text => channel.Log(3, text));
        _surroundings = BundleReader.Surroundings(_directory);
        _foreign = ForeignRuntime.Of(_surroundings);
        _file = new StateFile(_directory);
        _layout = CgroupLayout.Detect();
        _cgroupPath = CgroupPlacement.From(_config.Linux?.CgroupsPath, _surroundings.Id, systemd: false).Path!;
        _networks = new ContainerNetworks(_surroundings, text => _channel.Log(3, text));
        int pid = LibC.getpid();
        _state = new SupervisedState
        {
            Id = _surroundings.Id,
            Status = "starting",
            BootId = ProcStat.BootId(),
            Supervisor = new ProcessIdentity { Pid = pid, StartTime = ProcStat.StartTime(pid) ?? 0 },
            Cgroups = ContainerCgroup.Directories(_layout, _cgroupPath),
        };
    }

    public int Run()
    {
        Born born;
        try
        {
            // From here on whoever finds this file knows what there may be to clean up.
            _file.Write(_state);
            if (EngineIsGone()) throw new RuntimeFailureException(RuntimeStages.Config, "The engine that asked for the start is gone.");
            born = Bear();
        }
        catch (Exception e) when (e is RuntimeFailureException or LinuxException or LayerException)
        {
            RuntimeFailure failure = e is LayerException layer ? layer.Failure : (e as RuntimeFailureException
                ?? RuntimeFailureException.From(RuntimeStages.Config, (LinuxException)e)).Failure;
            Undo(failure);
            _channel.Failed(failure);
            return 1;
        }

        return Stay(born);
    }

    public void Dispose()
    {
        _networks.Dispose();
        _sources?.Dispose();
        _control?.Dispose();
        _log?.Dispose();
        _streams?.Dispose();
    }

    private Born Bear()
    {
        Directory.CreateDirectory(_surroundings.RunDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _control = new ControlServer(Path.Combine(_surroundings.RunDirectory, "control.sock"));
        _networks.Prepare();
        _state.Ports = _surroundings.Ports;
        if (_surroundings.LogPath is { } path) _log = new LogWriter(path);
        Setting setting = MakeSetting();
        if (_surroundings.Sources.Count > 0) _sources = MountedSources.Open(setting, _surroundings);
        _streams = setting.Process.Terminal ? ProcessStreams.Nothing() : ProcessStreams.Pipes(_surroundings.OpenStdin);
        if (_foreign is not null)
        {
            // It makes them itself, by the path that config.json has.
            _cgroup = Cgroup.FromDirectories(_state.Cgroups, _layout);
            return _foreign.Run(_directory, setting, _streams);
        }

        setting.Cgroup = _cgroup = MakeCgroup();
        using var plan = new StepPlan();
        Birthplan.Container(plan, setting);
        return Birth.Run(
            plan, setting, _streams, NamespaceStep.CloneFlags(setting), NamespaceStep.PidNamespace(setting), CgroupStep.CloneInto(setting));
    }

    private Setting MakeSetting()
    {
        var setting = new Setting
        {
            Config = _config,
            Process = _config.Process ?? throw Setting.Invalid("process is missing"),
            Bundle = _directory,
            Surroundings = _surroundings,
            CgroupLayout = _layout,
            SeccompCache = _surroundings.SeccompCache,
        };
        if (_surroundings.Networks.Count > 0) setting.ConnectNetworks = _networks.Start;
        HostDevices.Collect(setting);
        return setting;
    }

    private Cgroup MakeCgroup()
    {
        try
        {
            ContainerCgroup made = ContainerCgroup.Make(new CgroupRequest
            {
                Layout = _layout,
                Id = _surroundings.Id,
                CgroupsPath = _cgroupPath,
                Resources = _config.Linux?.Resources,
                Lenient = true,
            });
            foreach (string warning in made.Warnings) _channel.Log(3, warning);
            return made.Group;
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Cgroup, e);
        }
    }

    private int Stay(Born born)
    {
        _state.Status = "running";
        _state.StartedAt = DateTimeOffset.UtcNow;
        _state.Init = new ProcessIdentity { Pid = born.Pid, StartTime = ProcStat.StartTime(born.Pid) ?? 0 };
        _file.Write(_state);
        _sources?.Dispose();
        WritePidFile(born.Pid);
        _channel.Started(born.Pid);
        OutputQueue? queue = _surroundings.Attached ? Attach() : Detach();
        var pump = new OutputPump(_streams!, _log, queue);
        var supervisor = new Supervisor(_surroundings, (IContainerHandle?)_foreign ?? new OwnContainer(born, _cgroup!), born, pump, _control!, _state, _file, _networks);
        supervisor.TakeSignals();
        // A container that ends at once is not made to wait for tidiness.
        if (!LibC.WaitForEnd(born.Pidfd, 20)) RestingMemory.Release();
        int code = supervisor.Run();
        return End(pump, code, supervisor.KeepLayer);
    }

    private int End(OutputPump pump, int code, bool keepLayer)
    {
        _control!.StopListening();
        _networks.Dispose();
        bool oomKilled = Teardown.EndCgroup(_cgroup!);
        _foreign?.Delete();
        pump.Drain();
        Teardown.EndWritableLayer(_surroundings, keepLayer);
        Teardown.EndRunDirectory(_surroundings.RunDirectory);
        _state.Status = "exited";
        _state.Init = null;
        _state.Ports = [];
        _state.Faults = [];
        _state.FinishedAt = DateTimeOffset.UtcNow;
        _state.ExitCode = code;
        _state.OomKilled = oomKilled;
        _file.Write(_state);
        _control.ReplyAll(new ControlReply { Ok = true, ExitCode = code, OomKilled = oomKilled });
        // Last, and however long it takes: a reader that does not read holds up nobody but itself.
        pump.Attached?.Finish();
        if (pump.Attached is { Open: true }) _channel.Exited(code, oomKilled);
        return 0;
    }

    /// <summary>Everything that was made goes, in reverse order; the state says why.</summary>
    private void Undo(RuntimeFailure failure)
    {
        _control?.StopListening();
        _foreign?.Delete();
        if (_cgroup is not null) Teardown.EndCgroup(_cgroup);
        Teardown.EndWritableLayer(_surroundings);
        Teardown.EndRunDirectory(_surroundings.RunDirectory);
        _state.Status = "failed";
        _state.FinishedAt = DateTimeOffset.UtcNow;
        _state.ExitCode = failure.ExitCode;
        _state.Failure = failure;
        _file.Write(_state);
    }

    private OutputQueue Attach()
    {
        LibC.SetNonBlocking(1);
        LibC.SetNonBlocking(0);
        return new OutputQueue(1);
    }

    /// <summary>Lets go of the engine's pipes, so that nobody waits for them to close.</summary>
    private static OutputQueue? Detach()
    {
        int nothing = LibC.Open("/dev/null", LibC.O_RDWR);
        for (int fd = 0; fd < 3; fd++) _ = LibC.dup2(nothing, fd);
        LibC.Close(ref nothing);
        return null;
    }

    /// <summary>Nobody reads the channel: the engine was killed after it had spawned us, and somebody else may already have judged.</summary>
    private static unsafe bool EngineIsGone()
    {
        LibC.pollfd channel = new() { Descriptor = 1, Events = 0 };
        return LibC.poll(&channel, 1, 0) > 0 && (channel.Returned & LibC.POLLERR) != 0;
    }

    private void WritePidFile(int pid)
    {
        int file = LibC.Open(Path.Combine(_surroundings.RunDirectory, "pid"), LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC, 0x1A4);
        LibC.WriteAll(file, System.Text.Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)));
        LibC.Close(ref file);
    }
}
