using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>start ID</c>: lets a created container execute its program (runtime.md, "Start").</summary>
internal static class Start
{
    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, []);
        if (arguments.Help) return Usage.Verb("start", "ID", []);
        ContainerDirectory directory = options.Root.Find(arguments.Single("start"));
        int held = directory.Lock();
        try
        {
            Run(directory, directory.Read(), directory.ReadConfig(), options.Log);
            return 0;
        }
        finally
        {
            LibC.Close(ref held);
        }
    }

    /// <summary>Runs the hooks of the start around it. The caller holds the lock, or is the only one who knows of the container.</summary>
    public static void Run(ContainerDirectory directory, ContainerRecord record, RuntimeConfig config, RuntimeLog log)
    {
        string status = directory.Status(record);
        if (status != "created") throw NotCreated(directory.Id, status);
        if (config.Process?.Args is not { Count: > 0 } program) throw new CommandException("config.json: $.process.args is missing; a container without a program cannot be started.");
        using StartSocket socket = StartSocket.TryConnect(directory.StartSocket) ?? throw NotCreated(directory.Id, "running");
        var hooks = new HookRunner(config, record.Bundle);
        if (config.Hooks?.StartContainer is { Count: > 0 } starting)
        {
            int pidfd = ProcStat.OpenPidfd(record.Init!.Pid, record.Init.StartTime);
            if (pidfd < 0) throw NotCreated(directory.Id, "stopped");
            try
            {
                hooks.Run("startContainer", starting, OciState.ToJson(record, "created", full: false), pidfd);
            }
            catch
            {
                // A start that fails here stops the container (runtime.md, "Lifecycle", 7).
                LibC.SendSignal(pidfd, LibC.SIGKILL);
                LibC.WaitForEnd(pidfd, 10_000);
                throw;
            }
            finally
            {
                LibC.Close(ref pidfd);
            }
        }

        socket.Go(program[0], record, config);
        _ = LibC.unlink(directory.StartSocket);
        if (config.Hooks?.Poststart is { Count: > 0 } started)
            hooks.RunAll("poststart", started, OciState.ToJson(record, "running", full: false), log.Warning);
    }

    private static CommandException NotCreated(string id, string status) => new(status switch
    {
        "stopped" => $"cannot start a container that has stopped: '{id}'.",
        "creating" => $"cannot start a container that is still being created: '{id}'.",
        _ => $"cannot start an already running container: '{id}' is {status}.",
    });
}
