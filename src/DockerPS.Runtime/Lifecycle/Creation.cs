using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using DockerPS.Runtime.Commands;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Supervision;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>What <c>create</c> and <c>run</c> are asked for.</summary>
internal sealed class CreationRequest
{
    public required string Id { get; init; }

    /// <summary>Absolute directory.</summary>
    public required string Bundle { get; init; }

    public string? ConsoleSocket { get; init; }

    public string? PidFile { get; init; }

    public bool NoPivot { get; init; }

    public bool NoNewKeyring { get; init; }

    public int PreservedDescriptors { get; init; }

    /// <summary>The caller will not stay beside it.</summary>
    public bool Detached { get; init; }
}

/// <summary>A container that waits for its start.</summary>
internal sealed record CreatedContainer(ContainerDirectory Directory, ContainerRecord Record, RuntimeConfig Config, Born Born, ProcessStreams Streams);

/// <summary>Makes a container from a bundle, up to the moment before its program is executed (runtime.md, "Create").</summary>
internal sealed class Creation(RuntimeOptions options, CreationRequest request)
{
    private RuntimeConfig _config = null!;
    private ContainerRecord _record = null!;
    private ContainerDirectory _directory = null!;
    private HookRunner _hooks = null!;
    private ContainerCgroup? _cgroup;
    private bool _hooksRan;

    /// <exception cref="RuntimeFailureException">A step failed; all is undone.</exception>
    /// <exception cref="CommandException">The id is taken, or an option makes no sense.</exception>
    public CreatedContainer Run()
    {
        byte[] json = BundleReader.ConfigBytes(request.Bundle);
        _config = BundleReader.Judge(request.Bundle, json, options.Log.Warning);
        RuntimeProcess process = _config.Process ?? throw Setting.Invalid("process is missing");
        ListenDescriptors kept = ListenDescriptors.From(request.PreservedDescriptors);
        if (kept.Environment.Count > 0) process.Env = [.. process.Env ?? [], .. kept.Environment];
        CgroupLayout layout = CgroupLayout.Detect();
        CgroupPlacement placement = CgroupPlacement.From(_config.Linux?.CgroupsPath, request.Id, options.SystemdCgroup);
        int console = ConsoleSocket.Connect(request.ConsoleSocket, process.Terminal, request.Detached);
        try
        {
            _directory = options.Root.Make(request.Id);
            int held = _directory.Lock();
            try
            {
                Prepare(json, layout, placement);
                return Bear(process, layout, kept.Count, console);
            }
            catch
            {
                Undo();
                throw;
            }
            finally
            {
                LibC.Close(ref held);
            }
        }
        finally
        {
            LibC.Close(ref console);
        }
    }

    /// <summary>From here on whoever finds the directory knows what there may be to clean up.</summary>
    private void Prepare(byte[] json, CgroupLayout layout, CgroupPlacement placement)
    {
        _hooks = new HookRunner(_config, request.Bundle);
        _record = new ContainerRecord
        {
            Id = request.Id,
            Bundle = request.Bundle,
            RootFileSystem = Path.GetFullPath(_config.Root?.Path ?? throw Setting.Invalid("root is missing"), request.Bundle),
            OciVersion = _config.OciVersion,
            Created = DateTimeOffset.UtcNow,
            Owner = LibC.getuid(),
            BootId = ProcStat.BootId(),
            Cgroups = placement.Path is { } path ? ContainerCgroup.Directories(layout, path) : [],
            CgroupUnit = placement.Unit,
            Annotations = _config.Annotations ?? [],
        };
        _directory.WriteConfig(json);
        _directory.Write(_record);
    }

    private CreatedContainer Bear(RuntimeProcess process, CgroupLayout layout, int kept, int console)
    {
        int listener = LibC.ListenUnix(_directory.StartSocket, 8, nonBlocking: false);
        ProcessStreams streams = ProcessStreams.Inherited(process.Terminal);
        try
        {
            var setting = new Setting
            {
                Config = _config,
                Process = process,
                Bundle = request.Bundle,
                CgroupLayout = layout,
                StartListener = listener,
                SeccompCache = options.Root.SeccompCache,
                BeforePivot = WaitsForHooks || _config.Linux?.NetDevices is { Count: > 0 } ? BeforePivot : null,
                KeptDescriptors = kept,
                KeepKeyring = request.NoNewKeyring,
                NoPivot = request.NoPivot,
            };
            setting.Cgroup = MakeCgroup(layout);
            using var plan = new StepPlan();
            Birthplan.Container(plan, setting);
            Born born = Birth.Run(
                plan, setting, streams, NamespaceStep.CloneFlags(setting), NamespaceStep.PidNamespace(setting), CgroupStep.CloneInto(setting));
            _cgroup?.Settle();
            try
            {
                Complete(process, born, streams, console);
            }
            catch
            {
                LibC.SendSignal(born.Pidfd, LibC.SIGKILL);
                throw;
            }

            return new CreatedContainer(_directory, _record, _config, born, streams);
        }
        catch
        {
            streams.Dispose();
            throw;
        }
        finally
        {
            LibC.Close(ref listener);
        }
    }

    /// <summary>Null for a plain user who may make none and has not asked for one.</summary>
    private Cgroup? MakeCgroup(CgroupLayout layout)
    {
        try
        {
            _cgroup = ContainerCgroup.Make(new CgroupRequest
            {
                Layout = layout,
                Id = request.Id,
                CgroupsPath = _config.Linux?.CgroupsPath,
                Resources = _config.Linux?.Resources,
                Annotations = _config.Annotations,
                Systemd = options.SystemdCgroup,
            });
        }
        catch (LinuxException e) when (e.Number is Errno.EACCES or Errno.EPERM or Errno.EROFS && !WantsCgroup)
        {
            options.Log.Debug($"The container has no cgroup of its own: {e.Message}");
            _record.Cgroups.Clear();
            _directory.Write(_record);
            return null;
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Cgroup, e);
        }

        // Where systemd has put it is known only now.
        if (_record.CgroupUnit is null) return _cgroup.Group;
        _record.Cgroups.AddRange(_cgroup.Group.Directories);
        _directory.Write(_record);
        return _cgroup.Group;
    }

    /// <summary>Somebody with the rights to a cgroup, or who asked for one or for limits; rules for devices mean nothing to who cannot make any.</summary>
    private bool WantsCgroup =>
        LibC.geteuid() == 0 || options.SystemdCgroup || _config.Linux is { CgroupsPath.Length: > 0 }
        || _config.Linux?.Resources is not (null or
        {
            Memory: null, Cpu: null, Pids: null, BlockIo: null, HugepageLimits: null, Network: null, Rdma: null, Unified: null,
        });

    private void Complete(RuntimeProcess process, Born born, ProcessStreams streams, int console)
    {
        _record.Init = new ProcessIdentity { Pid = born.Pid, StartTime = ProcStat.StartTime(born.Pid) ?? 0 };
        if (console >= 0) ConsoleSocket.Send(console, streams.Output, process.ConsoleSize);
        if (request.PidFile is { } file) PidFile.Write(file, born.Pid);
        _directory.Write(_record);
    }

    private bool WaitsForHooks => _config.Hooks is { } hooks
        && (hooks.Prestart is { Count: > 0 } || hooks.CreateRuntime is { Count: > 0 } || hooks.CreateContainer is { Count: > 0 });

    private void BeforePivot(Born born)
    {
        NetworkDevices.Move(_config, born.Pid);
        if (WaitsForHooks) RunHooks(born);
    }

    private void RunHooks(Born born)
    {
        _hooksRan = true;
        _record.Init = new ProcessIdentity { Pid = born.Pid };
        ReadOnlyMemory<byte> state = OciState.ToJson(_record, "creating", full: false);
        // The deprecated prestart hooks are told what they were told when they were run by start.
        _hooks.Run("prestart", _config.Hooks!.Prestart, OciState.ToJson(_record, "created", full: false));
        _hooks.Run("createRuntime", _config.Hooks.CreateRuntime, state);
        _hooks.Run("createContainer", _config.Hooks.CreateContainer, state, born.Pidfd);
        _record.Init = null;
    }

    /// <summary>The process is gone already. What was made goes in reverse order; where hooks ran, those of the end run too.</summary>
    private void Undo()
    {
        _cgroup?.Undo();
        _directory.Remove();
        if (!_hooksRan) return;
        _record.Init = null;
        _hooks.RunAll("poststop", _config.Hooks!.Poststop, OciState.ToJson(_record, "stopped", full: false), options.Log.Warning);
    }
}

/// <summary>The file of <c>--pid-file</c>.</summary>
internal static class PidFile
{
    public static void Write(string path, int pid) =>
        WholeFile.Write(Path.GetFullPath(path), Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)), 0x1A4 /* 0644 */);
}
