using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// The signals of a process that stands beside another: those of the session that started it are ignored, and SIGTERM becomes
/// readable on a descriptor, for a poll loop. One a process.
/// </summary>
internal static unsafe class TerminationRequest
{
    private static int s_pipe = -1;

    /// <summary>Takes the signals; returns the descriptor, which does not block.</summary>
    public static int Watch()
    {
        (int requested, s_pipe) = LibC.Pipe(LibC.O_NONBLOCK);
        LibC.IgnoreSignal(LibC.SIGPIPE);
        LibC.IgnoreSignal(LibC.SIGHUP);
        LibC.IgnoreSignal(LibC.SIGINT);
        LibC.HandleSignal(LibC.SIGTERM, &OnTerminate);
        return requested;
    }

    /// <summary>Empties the descriptor.</summary>
    public static void Take(int requested)
    {
        Span<byte> some = stackalloc byte[16];
        _ = LibC.TryRead(requested, some);
    }

    [UnmanagedCallersOnly]
    private static void OnTerminate(int signal)
    {
        byte one = 1;
        _ = LibC.write(s_pipe, &one, 1);
    }
}
