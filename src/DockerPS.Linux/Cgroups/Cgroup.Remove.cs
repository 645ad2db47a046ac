namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>
    /// Removes the directories, groups made below them first. Idempotent: what is not there is fine. Waits up to
    /// <paramref name="timeout"/> milliseconds for a group that is still busy with processes that are just ending.
    /// </summary>
    /// <exception cref="LinuxException">EBUSY: processes live in it; call <see cref="Kill"/> before.</exception>
    public void Remove(int timeout = 2000)
    {
        LinuxException? failure = null;
        for (int i = 0; i < _directories.Length; i++)
        {
            string directory = _directories[i];
            int errno = LibC.TryRemoveDirectory(directory);
            if (errno is 0 or Errno.ENOENT) continue;
            // Paths come from a file: never walk and remove what is not a cgroup.
            if (!IsCgroup(directory))
            {
                failure ??= new LinuxException($"rmdir({directory}): not a cgroup", errno);
                continue;
            }
            var pause = new Backoff(timeout);
            while ((errno = RemoveTree(directory)) == Errno.EBUSY && pause.Wait())
            {
            }
            if (errno is not (0 or Errno.ENOENT)) failure ??= new LinuxException($"rmdir({directory})", errno);
        }
        if (failure is not null) throw failure;
    }

    private static bool IsCgroup(string directory) =>
        LibC.FileSystemType(directory) is LibC.CGROUP_SUPER_MAGIC or LibC.CGROUP2_SUPER_MAGIC;

    private static int RemoveTree(string directory)
    {
        int errno = LibC.TryRemoveDirectory(directory);
        if (errno is not (Errno.EBUSY or Errno.ENOTEMPTY)) return errno;
        foreach (string child in ChildrenOf(directory))
        {
            int failed = RemoveTree(child);
            if (failed is not (0 or Errno.ENOENT)) return failed;
        }
        return LibC.TryRemoveDirectory(directory);
    }

    /// <summary>Groups directly below; empty when the directory has gone meanwhile.</summary>
    private static string[] ChildrenOf(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
