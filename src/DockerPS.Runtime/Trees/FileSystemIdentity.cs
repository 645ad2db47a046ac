using DockerPS.Linux;

namespace DockerPS.Runtime.Trees;

/// <summary>Makes files as another user, with all rights of root (setfsuid(2)); for the thread that calls.</summary>
internal static unsafe class FileSystemIdentity
{
    public static void Take((uint Uid, uint Gid) owner)
    {
        uint* header = stackalloc uint[2] { 0x20080522 /* _LINUX_CAPABILITY_VERSION_3 */, 0 };
        uint* data = stackalloc uint[6];
        if (Syscall.Invoke(Syscall.Capget, (nint)header, (nint)data) < 0) return;
        Syscall.Invoke(Syscall.SetFsGid, (nint)owner.Gid);
        Syscall.Invoke(Syscall.SetFsUid, (nint)owner.Uid);
        // Leaving uid 0 for files took the capabilities over files with it (capabilities(7)).
        nint result = Syscall.Invoke(Syscall.Capset, (nint)header, (nint)data);
        if (result < 0) throw new LinuxException("capset", (int)-result);
    }
}
