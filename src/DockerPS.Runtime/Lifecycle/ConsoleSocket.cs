using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>The local socket of <c>--console-socket</c>, by which who called gets the master of a container's terminal.</summary>
internal static class ConsoleSocket
{
    /// <summary>Connects before anything is made, so that a wrong path costs nothing. Minus one without a path.</summary>
    /// <exception cref="CommandException">The path and the terminal do not go together.</exception>
    public static int Connect(string? path, bool terminal, bool detached)
    {
        if (path is null)
        {
            if (terminal && detached)
                throw new CommandException("cannot allocate tty if runtime will detach without setting console socket: give --console-socket.");
            return -1;
        }

        if (!terminal) throw new CommandException("cannot use console socket if runtime will not detach or allocate tty: set process.terminal.");
        int connection = LibC.TryConnectUnix(path);
        return connection >= 0 ? connection : throw new LinuxException($"--console-socket: connect({path})", -connection);
    }

    /// <summary>Gives the terminal its size and sends its master.</summary>
    public static void Send(int connection, int master, ConsoleSize? size)
    {
        Resize(master, size);
        LibC.SendDescriptor(connection, "/dev/ptmx"u8, master);
    }

    public static void Resize(int master, ConsoleSize? size)
    {
        if (size is { Height: > 0, Width: > 0 }) LibC.SetWindowSize(master, (int)size.Height, (int)size.Width);
    }
}
