namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    private const int SigKill = 9;

    /// <summary>
    /// Kills every process in the group and in groups below it, of whatever pid namespace, and returns when none is left.
    /// Frozen groups are thawed. Idempotent; an empty group costs a few reads.
    /// </summary>
    /// <param name="timeout">Milliseconds.</param>
    /// <exception cref="LinuxException">EBUSY: some did not end in time (they hang in the kernel).</exception>
    public void Kill(int timeout = 10_000)
    {
        List<int> pids = AllProcesses();
        if (pids.Count == 0) return;

        // All at once, without a chance to fork away (since 5.14). What never joined version 2 is left to the loop.
        bool killed = Version2Directory is { } unified && CgroupFile.TryWrite(unified + "/cgroup.kill", "1") == 0;
        ThawIfFrozen();
        var pause = new Backoff(timeout);
        for (int round = 0; ; round++)
        {
            // The kernel's own kill needs a moment; only what outlives it is looked for one by one.
            if (!killed || round > 3) KillOneByOne();
            if (!pause.Wait()) throw new LinuxException($"kill({LeadingDirectory}): {pids.Count} processes remain", Errno.EBUSY);
            pids = AllProcesses();
            if (pids.Count == 0) return;
        }
    }

    /// <summary>Signals each of them; frozen, they can neither end nor fork meanwhile.</summary>
    private void KillOneByOne()
    {
        bool frozen = TryFreezeShortly();
        try
        {
            Signal(SigKill);
        }
        finally
        {
            if (frozen) ThawIfFrozen();
        }
    }

    private bool TryFreezeShortly()
    {
        try
        {
            Freeze(timeout: 200);
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private void ThawIfFrozen()
    {
        if (DirectoryOf("freezer") is { } version1) CgroupFile.TryWrite(version1 + "/freezer.state", "THAWED");
        if (Version2Directory is { } version2) CgroupFile.TryWrite(version2 + "/cgroup.freeze", "0");
    }

    /// <summary>The processes of all hierarchies: one that moved itself elsewhere in one of them is found in another.</summary>
    private List<int> AllProcesses()
    {
        var pids = new List<int>();
        foreach (string directory in _directories) ReadProcesses(directory, pids);
        return pids;
    }
}
