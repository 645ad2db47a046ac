using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Supervision;

namespace DockerPS.Runtime.Foreign;

/// <summary>
/// Another OCI runtime (crun, runc, runsc …) that makes the container in our place, driven by its command line as conmon and
/// containerd's shim drive it. Its state, its bundle and its log lie in <c>oci/</c> of the run directory.
/// </summary>
internal sealed class ForeignRuntime : IContainerHandle
{
    private static readonly List<string> s_environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly string _program;
    private readonly string _id;
    private readonly string _directory;
    private Born _first;

    private ForeignRuntime(string program, string id, string directory) => (_program, _id, _directory) = (program, id, directory);

    /// <summary>Null for a container of our own.</summary>
    public static ForeignRuntime? Of(SuperviseConfig surroundings) => surroundings.Runtime is { } program
        ? new ForeignRuntime(program, surroundings.Id, DirectoryIn(surroundings.RunDirectory))
        : null;

    /// <summary>Where all of it lies.</summary>
    public static string DirectoryIn(string runDirectory) => Path.Join(runDirectory, "oci");

    /// <summary>Creates and starts the container.</summary>
    /// <param name="bundle">Our bundle, with the config.json that the engine wrote.</param>
    /// <param name="setting">What a container of our own would be planned from.</param>
    /// <param name="streams">Its standard streams; with a terminal they are replaced by its master.</param>
    /// <exception cref="RuntimeFailureException">The runtime refused; nothing of the container is left.</exception>
    public Born Run(string bundle, Setting setting, ProcessStreams streams)
    {
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // What the runtime leaves behind becomes a child of ours, so that its end can be awaited.
        _ = LibC.prctl(LibC.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        using var terminal = setting.Process.Terminal ? new TerminalSocket(_directory) : null;
        string pidFile = Path.Join(_directory, "pid");
        List<string> create = ["create", "--bundle", _directory, "--pid-file", pidFile];
        if (terminal is not null) create.AddRange(["--console-socket", terminal.Path]);
        var call = new Setting
        {
            Config = setting.Config,
            Process = Call(create),
            Bundle = bundle,
            Surroundings = setting.Surroundings,
            Program = _program,
            BeforePivot = waiting => WriteConfig(bundle, setting, waiting),
        };
        foreach ((int mount, int tree) in setting.MountTrees) call.MountTrees.Add(mount, tree);
        call.Descriptors.AddRange(setting.Descriptors);
        setting.Descriptors.Clear();
        using var plan = new StepPlan();
        Birthplan.Foreign(plan, call);
        Await("create", Birth.Run(plan, call, streams, LibC.CLONE_NEWNS), setting.Process.Args![0]);
        try
        {
            _first = Adopt(pidFile);
            if (terminal is not null) streams.UseTerminal(terminal.Receive());
            setting.ConnectNetworks?.Invoke(_first);
            Invoke(["start"], setting.Process.Args[0]);
            return _first;
        }
        catch
        {
            Delete();
            throw;
        }
    }

    /// <summary>A further process.</summary>
    /// <param name="request">The request's JSON, with the process in <c>process</c>.</param>
    /// <param name="identity">Who it is to be.</param>
    /// <param name="command">What it executes, for messages.</param>
    /// <param name="hasTerminal">It is to have a terminal.</param>
    /// <param name="streams">Its standard streams.</param>
    public Born Execute(ReadOnlyMemory<byte> request, Users.Identity identity, string command, bool hasTerminal, ProcessStreams streams)
    {
        string directory = Path.Join(_directory, "exec-" + LibC.getpid().ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            _ = LibC.prctl(LibC.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
            using var terminal = hasTerminal ? new TerminalSocket(directory) : null;
            string process = Path.Join(directory, "process.json"), pidFile = Path.Join(directory, "pid");
            WholeFile.Write(process, ForeignConfig.Process(request, identity), 0x180 /* 0600 */);
            List<string> exec = ["exec", "--detach", "--process", process, "--pid-file", pidFile];
            if (terminal is not null) exec.AddRange(["--tty", "--console-socket", terminal.Path]);
            Invoke(exec, command, streams, Path.Join(directory, "log"));
            Born born = Adopt(pidFile);
            if (terminal is not null) streams.UseTerminal(terminal.Receive());
            return born;
        }
        finally
        {
            TreeRemover.Remove(Encoding.UTF8.GetBytes(directory));
        }
    }

    public int Signal(int number)
    {
        int result = 0;
        try
        {
            Invoke(["kill"], "", after: number.ToString(CultureInfo.InvariantCulture));
        }
        catch (RuntimeFailureException)
        {
            result = LibC.SendSignal(_first.Pidfd, number);
        }

        // Whatever the runtime makes of it: what is to be killed is.
        if (number == LibC.SIGKILL) _ = LibC.SendSignal(_first.Pidfd, number);
        return result;
    }

    public void Freeze() => Change("pause");

    public void Thaw() => Change("resume");

    /// <summary>Lets the runtime forget the container, and kill what is left of it; nobody hears of a failure. Idempotent.</summary>
    public void Delete()
    {
        if (!Directory.Exists(_directory)) return;
        try
        {
            Invoke(["delete", "--force"], "");
        }
        catch (RuntimeFailureException)
        {
            // It may never have been created; what it holds is ended by its cgroups.
        }

        TreeRemover.Remove(Encoding.UTF8.GetBytes(_directory));
    }

    private void Change(string verb)
    {
        try
        {
            Invoke([verb], "");
        }
        catch (RuntimeFailureException e)
        {
            throw new LinuxException(e.Failure.Text, Errno.EIO);
        }
    }

    private void WriteConfig(string bundle, Setting setting, Born waiting)
    {
        // The root is mounted in its mount namespace alone.
        string root = Path.GetFullPath(setting.Config.Root!.Path, bundle);
        int descriptor = LibC.Open($"/proc/{waiting.Pid}/root{root}", LibC.O_PATH | LibC.O_DIRECTORY);
        try
        {
            Users.Identity identity = Users.UserLookup.Find(descriptor, setting.Surroundings!.User ?? "", setting.Surroundings.GroupAdd);
            WholeFile.Write(
                Path.Join(_directory, "config.json"), ForeignConfig.Config(BundleReader.ConfigBytes(bundle), setting, root, identity), 0x180 /* 0600 */);
        }
        finally
        {
            LibC.Close(ref descriptor);
        }
    }

    private RuntimeProcess Call(List<string> verb, string? after = null, string? log = null)
    {
        List<string> arguments =
        [
            _program, "--root", Path.Join(_directory, "state"), "--log", log ?? Path.Join(_directory, "log"), "--log-format", "json", .. verb, _id,
        ];
        if (after is not null) arguments.Add(after);
        return new RuntimeProcess { Args = arguments, Env = s_environment };
    }

    /// <summary>Runs one verb to its end.</summary>
    private void Invoke(List<string> verb, string command, ProcessStreams? streams = null, string? log = null, string? after = null)
    {
        var call = new Setting { Config = new RuntimeConfig(), Process = Call(verb, after, log), Bundle = _directory, Program = _program };
        using ProcessStreams? nothing = streams is null ? ProcessStreams.Nothing() : null;
        using var plan = new StepPlan();
        Birthplan.Hook(plan, call, -1);
        Await(verb[0], Birth.Run(plan, call, streams ?? nothing!, 0), command, log);
    }

    private void Await(string verb, Born call, string command, string? log = null)
    {
        int pidfd = call.Pidfd;
        try
        {
            LibC.WaitForEnd(pidfd, -1);
            if (LibC.TryReap(pidfd) is 0) return;
        }
        finally
        {
            LibC.Close(ref pidfd);
        }

        string said = LastError(log ?? Path.Join(_directory, "log"));
        throw new RuntimeFailureException(
            RuntimeStages.Runtime, $"{Path.GetFileName(_program)} {verb}: {said}", exitCode: command.Length > 0 ? ExitCode(said) : 125);
    }

    /// <summary>As Docker judges a runtime's words.</summary>
    private static int ExitCode(string said)
    {
        bool Says(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
        if (Says("executable file") && Says("not found")) return 127;
        // Of the program, and not of a mount or a device.
        if (!Says("exec: ") && !Says("executable") && !Says("exec format")) return 125;
        return Says("no such file or directory") ? 127 : Says("permission denied") || Says("format error") || Says("is a directory") ? 126 : 125;
    }

    /// <summary>The message of the log's last line.</summary>
    private static string LastError(string log)
    {
        string[] lines = Encoding.UTF8.GetString(LibC.TryReadFile(log) ?? []).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0) return "it failed without a word.";
        try
        {
            using JsonDocument line = JsonDocument.Parse(lines[^1]);
            return line.RootElement.GetProperty("msg").GetString() ?? lines[^1];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return lines[^1];
        }
    }

    /// <summary>The process whose pid was written: a child of ours by now, so that nobody else can have its pid.</summary>
    private static Born Adopt(string pidFile)
    {
        string text = Encoding.ASCII.GetString(LibC.TryReadFile(pidFile) ?? []).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            throw new RuntimeFailureException(RuntimeStages.Runtime, $"The runtime wrote no pid into '{pidFile}'.");
        int pidfd = (int)Syscall.Invoke(Syscall.PidfdOpen, pid, 0);
        return pidfd >= 0 ? new Born(pid, pidfd) : throw RuntimeFailureException.From(RuntimeStages.Runtime, new LinuxException("pidfd_open()", -pidfd));
    }
}
