namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>
    /// Sends a signal to every process in the group and in groups below it. One whose pid was given again to a process of the host
    /// meanwhile is not hit: a descriptor is opened first, and used only if the pid is still in the group afterwards.
    /// </summary>
    public void Signal(int signal)
    {
        List<int> pids = AllProcesses();
        var pidfds = new int[pids.Count];
        for (int i = 0; i < pidfds.Length; i++) pidfds[i] = LibC.TryOpenPidfd(pids[i]);
        List<int> still = AllProcesses();
        for (int i = 0; i < pidfds.Length; i++)
        {
            if (pidfds[i] < 0) continue;
            if (still.Contains(pids[i])) LibC.TrySignalPidfd(pidfds[i], signal);
            CgroupFile.Close(pidfds[i]);
        }
    }
}
