using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Extended attributes: https://man7.org/linux/man-pages/man7/xattr.7.html</summary>
public static unsafe partial class LibC
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsetxattr(int descriptor, byte* name, void* value, nuint size, int flags);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int lsetxattr(byte* path, byte* name, void* value, nuint size, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial nint fgetxattr(int descriptor, byte* name, void* value, nuint size);
    [LibraryImport("libc", SetLastError = true)] public static partial nint lgetxattr(byte* path, byte* name, void* value, nuint size);
    [LibraryImport("libc", SetLastError = true)] public static partial nint flistxattr(int descriptor, byte* list, nuint size);
    [LibraryImport("libc", SetLastError = true)] public static partial nint llistxattr(byte* path, byte* list, nuint size);
}
