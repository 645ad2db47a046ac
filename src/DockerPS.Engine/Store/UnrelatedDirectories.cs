using System.Runtime.InteropServices;

namespace DockerPS.Engine.Store;

/// <summary>
/// Tells ext4 that what is in a directory does not belong together (<c>chattr +T</c>). Else all layers are put beside each other: those
/// unpacked at the same time wait for the same locks, and each file of one passes over the inodes of layers that were just removed.
/// </summary>
internal static partial class UnrelatedDirectories
{
    /// <summary>FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of linux/fs.h.</summary>
    private const nuint GetFlags = 0x80086601, SetFlags = 0x40086602;
    private const int TopOfHierarchies = 0x20000;

    /// <summary>O_DIRECTORY | O_CLOEXEC; the first differs on ARM.</summary>
    private static int OpenFlags =>
        0x80000 | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000);

    /// <summary>A hint: file systems that know no such thing are left as they are.</summary>
    public static void Hint(string directory)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return;
        int file = Open(directory, OpenFlags, 0);
        if (file < 0) return;
        int flags = 0;
        if (Ioctl(file, GetFlags, ref flags) == 0)
        {
            flags |= TopOfHierarchies;
            _ = Ioctl(file, SetFlags, ref flags);
        }

        _ = Close(file);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, ref int argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
