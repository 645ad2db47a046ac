using System.Runtime.InteropServices;

namespace DockerPS.Units.Seccomp;

/// <summary>The tables of the installed libseccomp, asked directly.</summary>
internal static partial class LibSeccomp
{
    /// <summary>Why compiling cannot be tested here; null when it can.</summary>
    public static string? Missing { get; } = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libseccomp.so.2", out _)
        ? null
        : "libseccomp is not installed (Debian: libseccomp2), so no filter can be compiled.";

    [LibraryImport("libseccomp.so.2")]
    private static partial nint seccomp_syscall_resolve_num_arch(uint architecture, int number);

    [LibraryImport("libseccomp.so.2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int seccomp_syscall_resolve_name_arch(uint architecture, string name);

    [LibraryImport("libc")]
    private static partial void free(nint memory);

    /// <summary>The name of a system call; null when the library knows none.</summary>
    public static string? Name(uint architecture, int number)
    {
        nint text = seccomp_syscall_resolve_num_arch(architecture, number);
        if (text == 0) return null;
        string? name = Marshal.PtrToStringUTF8(text);
        free(text);
        return name;
    }

    /// <summary>Negative when it has none.</summary>
    public static int Number(uint architecture, string name) => seccomp_syscall_resolve_name_arch(architecture, name);
}
