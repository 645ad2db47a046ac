using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Supervision;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// <c>cleanup DIRECTORY</c>: after a supervisor was killed. Kills what is left of its container, removes cgroups and run directory, and
/// writes how it ended into state.json. Does nothing while the supervisor lives. Idempotent.
/// </summary>
internal static class Cleanup
{
    public static int Run(string directory)
    {
        var channel = new MessageChannel();
        try
        {
            var file = new StateFile(Path.GetFullPath(directory));
            if (file.Read() is not { } state) return 0;
            if (state.Status is "exited" or "failed") return 0;
            bool sameBoot = state.BootId == ProcStat.BootId();
            if (sameBoot && IsAlive(state.Supervisor)) return 0;
            bool oomKilled = false;
            SuperviseConfig surroundings = BundleReader.Surroundings(Path.GetFullPath(directory));
            if (sameBoot)
            {
                KillInit(state);
                if (state.Cgroups.Count > 0) oomKilled = Teardown.EndCgroup(Cgroup.FromDirectories(state.Cgroups));
            }

            if (sameBoot) Networks.ContainerNetworks.Withdraw(surroundings, state.Ports);
            Teardown.EndForeign(surroundings);
            Teardown.EndWritableLayer(surroundings);
            Teardown.EndRunDirectory(surroundings.RunDirectory);
            Record(state, sameBoot, oomKilled);
            file.Write(state);
            return 0;
        }
        catch (Exception e) when (e is LinuxException or RuntimeFailureException)
        {
            channel.Failed((e as RuntimeFailureException
                ?? RuntimeFailureException.From(RuntimeStages.Cgroup, (LinuxException)e)).Failure);
            return 1;
        }
    }

    private static void Record(SupervisedState state, bool sameBoot, bool oomKilled)
    {
        state.Failure = new RuntimeFailure
        {
            Stage = RuntimeStages.Exec,
            ExitCode = 137,
            Text = sameBoot
                ? "The container's supervisor was killed, and so the container was killed after it."
                : "The machine was restarted while the container ran.",
        };
        state.Status = "exited";
        state.Init = null;
        state.ExitCode = 137;
        state.OomKilled = oomKilled;
        state.FinishedAt = DateTimeOffset.UtcNow;
    }

    /// <summary>The first process by descriptor, so that a pid given again is never hit.</summary>
    private static void KillInit(SupervisedState state)
    {
        if (state.Init is not { } init) return;
        int pidfd = ProcStat.OpenPidfd(init.Pid, init.StartTime);
        if (pidfd < 0) return;
        LibC.SendSignal(pidfd, LibC.SIGKILL);
        // Frozen processes die when they are thawed, which ending the cgroup does.
        LibC.WaitForEnd(pidfd, 100);
        LibC.Close(ref pidfd);
    }

    private static bool IsAlive(ProcessIdentity process) => ProcStat.StartTime(process.Pid) == process.StartTime;
}
