using System.Text;

namespace DockerPS.Linux;

/// <summary>Constants of mount(2), open_tree(2), mount_setattr(2), openat2(2).</summary>
public static unsafe partial class LibC
{
    public const ulong MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_SYNCHRONOUS = 16, MS_REMOUNT = 32,
        MS_MANDLOCK = 64, MS_DIRSYNC = 128, MS_NOSYMFOLLOW = 256, MS_NOATIME = 1024, MS_NODIRATIME = 2048, MS_BIND = 4096,
        MS_MOVE = 8192, MS_REC = 16384, MS_SILENT = 32768, MS_UNBINDABLE = 1 << 17, MS_PRIVATE = 1 << 18, MS_SLAVE = 1 << 19,
        MS_SHARED = 1 << 20, MS_RELATIME = 1 << 21, MS_I_VERSION = 1 << 23, MS_STRICTATIME = 1 << 24, MS_LAZYTIME = 1 << 25;

    public const ulong MOUNT_ATTR_RDONLY = 1, MOUNT_ATTR_NOSUID = 2, MOUNT_ATTR_NODEV = 4, MOUNT_ATTR_NOEXEC = 8,
        MOUNT_ATTR_ATIME = 0x70, MOUNT_ATTR_NOATIME = 0x10, MOUNT_ATTR_STRICTATIME = 0x20, MOUNT_ATTR_NODIRATIME = 0x80,
        MOUNT_ATTR_IDMAP = 0x100000, MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

    public const int OPEN_TREE_CLONE = 1, AT_RECURSIVE = 0x8000;
    public const int MOVE_MOUNT_F_EMPTY_PATH = 4, MOVE_MOUNT_T_EMPTY_PATH = 0x40, MOVE_MOUNT_SET_GROUP = 0x100;
    public const int FSOPEN_CLOEXEC = 1, FSMOUNT_CLOEXEC = 1, FSCONFIG_SET_FLAG = 0, FSCONFIG_SET_STRING = 1, FSCONFIG_CMD_CREATE = 6;
    public const int MNT_DETACH = 2;
    public const ulong RESOLVE_NO_XDEV = 1, RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_BENEATH = 8,
        RESOLVE_IN_ROOT = 0x10;

    /// <summary>File system types of statfs(2).</summary>
    public const long PROC_SUPER_MAGIC = 0x9FA0, DEVPTS_SUPER_MAGIC = 0x1CD1;

    /// <summary>struct mount_attr of mount_setattr(2).</summary>
    public struct MountAttributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    /// <summary>struct open_how of openat2(2).</summary>
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>
    /// Opens below a directory as if that were the root; links and <c>..</c> cannot leave it. -errno on failure.
    /// The kernel says EAGAIN when something was renamed or mounted while it went through <c>..</c>: then it is asked again.
    /// </summary>
    /// <param name="root">Descriptor of the directory.</param>
    /// <param name="path">Ends in a zero byte.</param>
    /// <param name="flags">O_ flags.</param>
    /// <param name="resolve">RESOLVE_ flags besides those above.</param>
    public static int OpenInRoot(int root, byte* path, int flags, ulong resolve = 0)
    {
        const int Attempts = 512;
        OpenHow how = new() { Flags = (ulong)(flags | O_CLOEXEC), Resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve };
        int fd = -Errno.EAGAIN;
        for (int attempt = 0; attempt < Attempts && fd == -Errno.EAGAIN; attempt++)
            fd = (int)Syscall.Invoke(Syscall.OpenAt2, root, (nint)path, (nint)(&how), sizeof(OpenHow));
        return fd;
    }

    /// <summary>A detached clone of the mount at a path, close-on-exec, or -errno.</summary>
    public static int CloneTree(string path, bool recursive)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            return (int)Syscall.Invoke(
                Syscall.OpenTree, AT_FDCWD, (nint)name, OPEN_TREE_CLONE | O_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
        }
    }

    /// <summary>The type's magic number of the file system that holds what a descriptor stands for, or -errno.</summary>
    public static long FileSystemType(int fd)
    {
        // f_type is the first member, as wide as long on every 64-bit architecture; the whole is 120 bytes.
        long* facts = stackalloc long[16];
        nint result = Syscall.Invoke(Syscall.Fstatfs, fd, (nint)facts);
        return result < 0 ? result : facts[0];
    }
}
