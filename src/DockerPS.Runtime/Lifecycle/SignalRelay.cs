using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>The signals of a verb that stays beside a process: each becomes readable on a descriptor, for a poll loop. One a process.</summary>
internal sealed unsafe class SignalRelay
{
    private static int s_pipe = -1;

    private SignalRelay(int descriptor) => Descriptor = descriptor;

    /// <summary>Does not block.</summary>
    public int Descriptor { get; }

    /// <summary>
    /// Takes all that can be taken but those of the kernel's about this very process (SIGSEGV …), of its children, and the two that the
    /// runtime of .NET uses.
    /// </summary>
    public static SignalRelay Watch()
    {
        (int readable, s_pipe) = LibC.Pipe(LibC.O_NONBLOCK);
        ReadOnlySpan<byte> taken = [1, 2, 3, 10, 12, 14, 15, 16, 18, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30];
        foreach (byte signal in taken) LibC.HandleSignal(signal, &OnSignal);
        for (int signal = 36; signal <= 64; signal++) LibC.HandleSignal(signal, &OnSignal);
        LibC.IgnoreSignal(LibC.SIGPIPE);
        return new SignalRelay(readable);
    }

    /// <summary>The next one that has come; 0 when there is none.</summary>
    public int Next()
    {
        Span<byte> one = stackalloc byte[1];
        return LibC.TryRead(Descriptor, one) == 1 ? one[0] : 0;
    }

    [UnmanagedCallersOnly]
    private static void OnSignal(int signal)
    {
        byte number = (byte)signal;
        _ = LibC.write(s_pipe, &number, 1);
    }
}
