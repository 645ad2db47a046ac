namespace DockerPS.Linux.Cgroups;

// How a container's process gets into its cgroup, by what was measured (6.18, 2 processors, median of 41, a fork's own
// time subtracted):
//   "0" into the tasks files of nine version 1 hierarchies   0.06 ms in all
//   clone3 with CLONE_INTO_CGROUP into version 2             less than the noise
//   "0" into version 2's cgroup.procs                        0.35 ms at best, 0.4 ms in the median
//   "0" into the cgroup.procs of nine version 1 hierarchies  0.5 ms at best
// A write to cgroup.procs takes cgroup_threadgroup_rwsem for writing, which waits for RCU grace periods, the longer the busier
// the host is; a thread moving itself through tasks, and a clone into a cgroup, do not.
// So version 2 is entered by clone3 also on hybrid hosts, where it costs nothing and gives cgroup.kill.
public sealed partial class Cgroup
{
    /// <summary>
    /// Descriptors, close-on-exec, to which the container's own child writes <c>"0"</c> once, as long as it has one thread,
    /// and before it makes its cgroup namespace. The caller closes them.
    /// </summary>
    /// <param name="withVersion2">
    /// Also version 2's <c>cgroup.procs</c>: only for a child that was not cloned into <see cref="OpenDirectoryDescriptor"/>,
    /// on kernels before 5.7 for instance.
    /// </param>
    public int[] OpenJoinDescriptors(bool withVersion2 = false)
    {
        int count = 0;
        for (int i = 0; i < _directories.Length; i++)
            if (_hierarchies[i] is { Version: 1 } || withVersion2) count++;
        var descriptors = new int[count];
        int opened = 0;
        for (int i = 0; i < _directories.Length; i++)
        {
            bool version1 = _hierarchies[i] is { Version: 1 };
            if (!version1 && !withVersion2) continue;
            string file = _directories[i] + (version1 ? "/tasks" : "/cgroup.procs");
            int descriptor = CgroupFile.TryOpenForWriting(file, out int errno);
            if (descriptor < 0)
            {
                while (opened > 0) CgroupFile.Close(descriptors[--opened]);
                throw new LinuxException($"open({file})", errno);
            }
            descriptors[opened++] = descriptor;
        }
        return descriptors;
    }

    /// <summary>
    /// The version 2 directory for clone3's <c>cgroup</c> with CLONE_INTO_CGROUP; -1 when the host has no version 2 hierarchy.
    /// The caller closes it.
    /// </summary>
    public int OpenDirectoryDescriptor() =>
        Version2Directory is { } directory ? CgroupFile.OpenDirectory(directory, readable: false) : -1;
}
