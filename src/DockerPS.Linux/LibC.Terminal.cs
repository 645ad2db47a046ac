using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Terminals: termios(3), ioctl_tty(2).</summary>
public static unsafe partial class LibC
{
    private const int TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414, TCSANOW = 0;

    /// <summary>struct termios with room for any architecture's.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct TerminalMode;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int fd, TerminalMode* mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(int fd, int when, TerminalMode* mode);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(TerminalMode* mode);

    /// <summary>Passes every byte on as it is; returns the mode of before, or null where the descriptor is no terminal.</summary>
    public static TerminalMode? MakeRaw(int fd)
    {
        TerminalMode before;
        if (tcgetattr(fd, &before) != 0) return null;
        TerminalMode raw = before;
        cfmakeraw(&raw);
        return tcsetattr(fd, TCSANOW, &raw) == 0 ? before : null;
    }

    public static void RestoreMode(int fd, TerminalMode mode) => _ = tcsetattr(fd, TCSANOW, &mode);

    /// <summary>Rows and columns; null where the descriptor is no terminal.</summary>
    public static (ushort Rows, ushort Columns)? WindowSize(int fd)
    {
        ushort* size = stackalloc ushort[4];
        return ioctl(fd, TIOCGWINSZ, size) == 0 ? (size[0], size[1]) : null;
    }

    /// <summary>Tells a terminal its size; who runs in it gets SIGWINCH.</summary>
    public static void SetWindowSize(int fd, int rows, int columns)
    {
        ushort* size = stackalloc ushort[4] { (ushort)rows, (ushort)columns, 0, 0 };
        _ = ioctl(fd, TIOCSWINSZ, size);
    }
}
