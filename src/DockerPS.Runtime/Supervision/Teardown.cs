using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Foreign;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Supervision;

/// <summary>Undoes what a start made. Each part is idempotent, since another process may have to do it again after a kill.</summary>
internal static class Teardown
{
    /// <summary>Kills what is left in the cgroups, and removes them. True when a process of it was killed for lack of memory.</summary>
    public static bool EndCgroup(Cgroup cgroup)
    {
        bool oomKilled = cgroup.OomKills() > 0;
        try
        {
            // Nearly always empty by now: the end of a pid namespace's first process is the end of all in it.
            cgroup.Remove(timeout: 0);
        }
        catch (LinuxException e) when (e.Number == Errno.EBUSY)
        {
            cgroup.Kill();
            cgroup.Remove();
        }

        return oomKilled;
    }

    /// <summary>Lets another runtime forget its container; nothing for one of our own.</summary>
    public static void EndForeign(SuperviseConfig surroundings) => ForeignRuntime.Of(surroundings)?.Delete();

    /// <summary>Deletes the run directory (control.sock, pid).</summary>
    public static void EndRunDirectory(string directory)
    {
        _ = LibC.unlink(Path.Combine(directory, "control.sock"));
        _ = LibC.unlink(Path.Combine(directory, "pid"));
        LibC.TryRemoveDirectory(directory);
    }

    /// <summary>
    /// Deletes the writable layer of a container that is removed when it ends. When it is kept for another start only overlay's work
    /// directory goes: a volatile mount leaves a mark there, with which the kernel refuses the next one.
    /// </summary>
    public static void EndWritableLayer(SuperviseConfig surroundings, bool keep = false)
    {
        if (!surroundings.AutoRemove) return;
        foreach (string? directory in (ReadOnlySpan<string?>)[keep ? null : surroundings.UpperDirectory, surroundings.WorkDirectory])
        {
            if (directory is not null) TreeRemover.Remove(Encoding.UTF8.GetBytes(directory));
        }
    }
}
