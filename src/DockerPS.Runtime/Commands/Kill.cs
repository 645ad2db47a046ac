using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>kill [--all] ID [SIGNAL]</c>: SIGTERM when none is named; to the first process, or to all of the container's cgroup.</summary>
internal static class Kill
{
    private static readonly string[] s_table = ["all|a", "pidfd="];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("kill", "ID [SIGNAL]", s_table);
        if (arguments.Positional.Count is not (1 or 2)) throw new CommandException("\"kill\" takes the id of a container and a signal.");
        string name = arguments.Positional.Count == 2 ? arguments.Positional[1] : "SIGTERM";
        if (!SignalNames.TryParse(name, out int signal)) throw new CommandException($"unknown signal \"{name}\": use a name such as KILL or a number from 1 to 64.");
        ContainerDirectory directory = options.Root.Find(arguments.Positional[0]);
        ContainerRecord record = directory.Read();
        if (arguments.Has("all") && ContainerDirectory.CgroupOf(record) is { } cgroup)
        {
            cgroup.Signal(signal);
            return 0;
        }

        Send(directory, record, signal);
        return 0;
    }

    private static void Send(ContainerDirectory directory, ContainerRecord record, int signal)
    {
        int pidfd = record.Init is { } init && record.BootId == ProcStat.BootId() ? ProcStat.OpenPidfd(init.Pid, init.StartTime) : -1;
        if (pidfd < 0) throw new CommandException($"container not running: '{directory.Id}' has no process to signal.");
        try
        {
            int result = LibC.SendSignal(pidfd, signal);
            if (result == -Errno.ESRCH) throw new CommandException($"container not running: '{directory.Id}' has just ended.");
            if (result < 0) throw new LinuxException($"pidfd_send_signal({signal})", -result);
            // A frozen process dies only when it runs again.
            if (signal == LibC.SIGKILL && directory.Status(record) == "paused") ContainerDirectory.CgroupOf(record)!.Thaw();
        }
        finally
        {
            LibC.Close(ref pidfd);
        }
    }
}
