using System.Buffers.Binary;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Foreign;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Supervision;
using DockerPS.Runtime.Users;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// <c>execute DIRECTORY</c>: a further process in a running container. Standard input starts with an <see cref="ExecuteRequest"/>;
/// speaks <see cref="RuntimeMessageKind"/> on standard output. SIGTERM kills the process.
/// </summary>
internal static class Execute
{
    public static int Run(string directory)
    {
        LibC.CloseAbove(2);
        LibC.setsid();
        var channel = new MessageChannel();
        try
        {
            OwnExecutable.Protect();
            return Run(Path.GetFullPath(directory), channel);
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

    private static int Run(string directory, MessageChannel channel)
    {
        ExecuteRequest request = ReadRequest(out ReadOnlyMemory<byte> text);
        SupervisedState state = new StateFile(directory).Read() ?? throw NotRunning();
        if (state.Status is not "running" || state.Init is not { } init) throw NotRunning();
        int pidfd = ProcStat.OpenPidfd(init.Pid, init.StartTime);
        if (pidfd < 0) throw NotRunning();

        RuntimeConfig config = BundleReader.Judged(directory);
        SuperviseConfig surroundings = BundleReader.Surroundings(directory);
        if (ForeignRuntime.Of(surroundings) is { } runtime) return RunElsewhere(runtime, request, text, init.Pid, channel);
        var setting = new Setting
        {
            Config = config,
            Process = request.Process,
            Bundle = directory,
            Surroundings = new SuperviseConfig
            {
                Id = state.Id,
                Name = state.Id,
                RunDirectory = "",
                User = request.User,
                GroupAdd = request.GroupAdd,
            },
            SeccompCache = surroundings.SeccompCache,
            CgroupLayout = CgroupLayout.Detect(),
            Cgroup = Cgroup.FromDirectories(state.Cgroups),
        };
        setting.Descriptors.Add(pidfd);
        using ProcessStreams streams = request.Detached || request.Process.Terminal
            ? ProcessStreams.Nothing()
            : ProcessStreams.Pipes(request.OpenStdin);
        using var plan = new StepPlan();
        Birthplan.Command(plan, setting, pidfd);
        Born born = Birth.Run(plan, setting, streams, 0, pidfd, CgroupStep.CloneInto(setting));
        channel.Started(born.Pid);
        if (request.Detached) return 0;
        return Stay(channel, streams, born);
    }

    /// <summary>By the runtime that made the container.</summary>
    private static int RunElsewhere(ForeignRuntime runtime, ExecuteRequest request, ReadOnlyMemory<byte> text, int init, MessageChannel channel)
    {
        int root = LibC.Open($"/proc/{init}/root", LibC.O_PATH | LibC.O_DIRECTORY);
        try
        {
            Identity identity = UserLookup.Find(root, request.User ?? "", request.GroupAdd);
            bool terminal = request.Process.Terminal;
            using ProcessStreams streams = request.Detached || terminal ? ProcessStreams.Nothing() : ProcessStreams.Pipes(request.OpenStdin);
            Born born = runtime.Execute(text, identity, request.Process.Args![0], terminal, streams);
            channel.Started(born.Pid);
            return request.Detached ? 0 : Stay(channel, streams, born);
        }
        finally
        {
            LibC.Close(ref root);
        }
    }

    private static int Stay(MessageChannel channel, ProcessStreams streams, Born born)
    {
        LibC.SetNonBlocking(0);
        LibC.SetNonBlocking(1);
        var pump = new OutputPump(streams, null, new OutputQueue(1));
        int code = new CommandWait(born, pump).Run();
        pump.Drain();
        pump.Attached!.Finish();
        channel.Exited(code, oomKilled: false);
        return 0;
    }

    private static ExecuteRequest ReadRequest(out ReadOnlyMemory<byte> json)
    {
        const int Limit = 16 << 20;
        Span<byte> header = stackalloc byte[4];
        ReadExactly(header);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is <= 0 or > Limit) throw Malformed();
        var text = new byte[length];
        ReadExactly(text);
        json = text;
        try
        {
            return BundleFiles.ReadExecuteRequest(text);
        }
        catch (JsonException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Config, "The request to execute is malformed: " + e.Message);
        }
    }

    private static void ReadExactly(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int length = LibC.TryRead(0, buffer);
            if (length <= 0) throw Malformed();
            buffer = buffer[length..];
        }
    }

    private static RuntimeFailureException Malformed() => new(RuntimeStages.Config, "The request to execute is malformed.");

    private static RuntimeFailureException NotRunning() => new(RuntimeStages.Config, "The container is not running.");
}
