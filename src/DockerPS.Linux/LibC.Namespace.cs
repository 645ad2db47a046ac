using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux;

/// <summary>Namespaces by file (ioctl_ns(2)), and what a user namespace without privileges takes: own ids, a helper program.</summary>
public static unsafe partial class LibC
{
    public const ulong CLONE_PARENT = 0x8000;

    [LibraryImport("libc")]
    public static partial uint getegid();

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int posix_spawnp(int* pid, byte* file, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, int* status, int options);

    /// <summary>The CLONE_NEW… flag of a namespace's file; 0 when it is none.</summary>
    public static ulong NamespaceType(int descriptor)
    {
        const int NS_GET_NSTYPE = 0xB703;
        int type = ioctl(descriptor, NS_GET_NSTYPE, null);
        return type > 0 ? (uint)type : 0;
    }

    /// <summary>Both files are the same namespace; false when one cannot be looked at.</summary>
    public static bool SameNamespace(string path, string other)
    {
        statx_result a, b;
        return Look(path, &a) && Look(other, &b) && a.Inode == b.Inode && a.DeviceMinor == b.DeviceMinor && a.DeviceMajor == b.DeviceMajor;
    }

    /// <summary>Runs a program of the system's directories and waits: its exit code, 127 when it is not there, 128 + signal.</summary>
    public static int RunProgram(string program, IReadOnlyList<string> arguments)
    {
        byte** argv = stackalloc byte*[arguments.Count + 1];
        for (int i = 0; i < arguments.Count; i++) argv[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
        argv[arguments.Count] = null;
        int pid, failed;
        fixed (byte* file = Encoding.UTF8.GetBytes(program + "\0"), path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin\0"u8)
        {
            byte** environment = stackalloc byte*[2] { path, null };
            failed = posix_spawnp(&pid, file, null, null, argv, environment);
        }

        for (int i = 0; i < arguments.Count; i++) Marshal.FreeCoTaskMem((nint)argv[i]);
        if (failed != 0) return 127;
        int status = 0;
        while (waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw Failure($"waitpid({program})");
        }

        int signal = status & 0x7F;
        return signal != 0 ? 128 + signal : (status >> 8) & 0xFF;
    }

    private static bool Look(string path, statx_result* result)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0")) return statx(AT_FDCWD, name, 0, STATX_BASIC_STATS, result) == 0;
    }
}
