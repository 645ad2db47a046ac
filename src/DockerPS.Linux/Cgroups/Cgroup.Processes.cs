using System.Globalization;

namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>Pids of the processes in this group and in groups below it, as this process's pid namespace numbers them.</summary>
    public List<int> Processes()
    {
        var pids = new List<int>();
        if (LeadingDirectory is { } directory) ReadProcesses(directory, pids);
        return pids;
    }

    private static void ReadProcesses(string directory, List<int> pids)
    {
        // Reading gives ENOENT or ENODEV when the group goes meanwhile, EOPNOTSUPP where version 2 holds only threads:
        // those are listed in their domain.
        byte[]? list = CgroupFile.TryReadBytes(directory + "/cgroup.procs", out int errno);
        if (list is null && errno is Errno.ENOENT or Errno.ENODEV) return;
        for (ReadOnlySpan<byte> rest = list; !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            // 0 is a process that this pid namespace does not see.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0 && !pids.Contains(pid))
                pids.Add(pid);
        }
        foreach (string child in ChildrenOf(directory)) ReadProcesses(child, pids);
    }
}
