using DockerPS.Linux;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>Stays beside a process of ours until it ends: passes signals on, and the bytes of its terminal both ways.</summary>
internal static unsafe class Foreground
{
    private const int SIGWINCH = 28;

    /// <param name="born">The process.</param>
    /// <param name="signals">Watched since before it was born.</param>
    /// <param name="master">Of its terminal; -1 when it has the caller's own streams.</param>
    /// <returns>Its exit code, 128 and the signal's number when one ended it.</returns>
    public static int Wait(Born born, SignalRelay signals, int master)
    {
        if (master < 0) return Wait(born, signals, null);
        LibC.SetNonBlocking(master);
        LibC.TerminalMode? mode = LibC.MakeRaw(0);
        if (LibC.WindowSize(0) is { } size) LibC.SetWindowSize(master, size.Rows, size.Columns);
        try
        {
            return Wait(born, signals, new TerminalRelay(master));
        }
        finally
        {
            if (mode is { } before) LibC.RestoreMode(0, before);
        }
    }

    private static int Wait(Born born, SignalRelay signals, TerminalRelay? terminal)
    {
        LibC.pollfd* polled = stackalloc LibC.pollfd[5];
        while (true)
        {
            Watch(polled, 0, born.Pidfd, LibC.POLLIN);
            Watch(polled, 1, signals.Descriptor, LibC.POLLIN);
            Watch(polled, 2, terminal?.WantsOutput == true ? terminal.Master : -1, LibC.POLLIN);
            Watch(polled, 3, terminal?.WantsInput == true ? 0 : -1, LibC.POLLIN);
            Watch(polled, 4, terminal?.HasInput == true ? terminal.Master : -1, LibC.POLLOUT);
            if (LibC.poll(polled, 5, -1) < 0) continue;
            if (polled[2].Returned != 0) terminal!.PumpOutput();
            if ((polled[3].Returned | polled[4].Returned) != 0) terminal!.PumpInput();
            while (polled[1].Returned != 0 && signals.Next() is > 0 and var signal) PassOn(born, signal, terminal);
            if (polled[0].Returned == 0 || LibC.TryReap(born.Pidfd) is not { } code) continue;
            while (terminal?.PumpOutput() == true)
            {
            }

            return code;
        }
    }

    private static void PassOn(Born born, int signal, TerminalRelay? terminal)
    {
        if (signal == SIGWINCH && terminal is not null)
        {
            if (LibC.WindowSize(0) is { } size) LibC.SetWindowSize(terminal.Master, size.Rows, size.Columns);
            return;
        }

        LibC.SendSignal(born.Pidfd, signal);
    }

    private static void Watch(LibC.pollfd* polled, int index, int descriptor, short events) =>
        polled[index] = new LibC.pollfd { Descriptor = descriptor, Events = events };
}
