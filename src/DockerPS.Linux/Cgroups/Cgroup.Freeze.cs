namespace DockerPS.Linux.Cgroups;

public sealed partial class Cgroup
{
    /// <summary>Stops all processes of the group and of groups below it, and returns when they stand. Idempotent.</summary>
    /// <param name="timeout">Milliseconds. A process in an uninterruptible sleep may keep a group from standing.</param>
    /// <exception cref="LinuxException">EBUSY: not all stood in time; they have been let go on.</exception>
    public void Freeze(int timeout = 10_000)
    {
        FreezerFile freezer = FindFreezer();
        CgroupFile.Write(freezer.Control, freezer.Frozen);
        var pause = new Backoff(timeout);
        int looks = 0;
        while (!freezer.IsFrozen())
        {
            if (!pause.Wait())
            {
                CgroupFile.TryWrite(freezer.Control, freezer.Thawed);
                throw new LinuxException($"freeze({freezer.Control})", Errno.EBUSY);
            }
            // Version 1 can stick at FREEZING when a process forked meanwhile; asking again moves it on, and now and then
            // only a moment of thaw does.
            // https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html
            if (!freezer.IsVersion1) continue;
            if (++looks % 50 == 0) CgroupFile.TryWrite(freezer.Control, freezer.Thawed);
            CgroupFile.TryWrite(freezer.Control, freezer.Frozen);
        }
    }

    /// <summary>Lets all processes go on. Idempotent.</summary>
    public void Thaw()
    {
        FreezerFile freezer = FindFreezer();
        CgroupFile.Write(freezer.Control, freezer.Thawed);
    }

    /// <summary>Whether the group is frozen now, by us or by anybody.</summary>
    public bool IsFrozen() => FindFreezer().IsFrozen();

    private FreezerFile FindFreezer()
    {
        if (DirectoryOf("freezer") is { } version1) return new FreezerFile(version1, IsVersion1: true);
        if (Version2Directory is { } version2) return new FreezerFile(version2, IsVersion1: false);
        throw new LinuxException("freeze: no freezer cgroup", Errno.ENODEV);
    }

    private readonly record struct FreezerFile(string Directory, bool IsVersion1)
    {
        public string Control => Directory + (IsVersion1 ? "/freezer.state" : "/cgroup.freeze");
        public string Frozen => IsVersion1 ? "FROZEN" : "1";
        public string Thawed => IsVersion1 ? "THAWED" : "0";

        public bool IsFrozen() => IsVersion1
            ? CgroupFile.TryRead(Control) == "FROZEN"
            : CgroupFile.TryReadKey(Directory + "/cgroup.events", "frozen") == 1;
    }
}
