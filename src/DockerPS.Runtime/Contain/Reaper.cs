using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>
/// PID 1 of <c>-Init</c>: forwards signals to the one child and reaps whatever ends. It is the child of clone3 itself, going on
/// without execve, so no program has to be put into the container.
/// </summary>
internal static unsafe class Reaper
{
    private const ulong AllSignals = ulong.MaxValue;

    /// <summary>Returns 0 in the child that goes on to execve; PID 1 never returns.</summary>
    public static nint Fork(ChildContext* c)
    {
        ulong all = AllSignals;
        // Blocked signals reach PID 1 even without a handler, and wait until they are asked for.
        Syscall.Invoke(Syscall.RtSigprocmask, 2 /* SIG_SETMASK */, (nint)(&all), 0, 8);
        int pidfd = -1;
        // clone, not clone3: a filter cannot look into the latter's arguments, and so refuses it.
        nint child = Syscall.Invoke(Syscall.Clone, (nint)(LibC.CLONE_PIDFD | LibC.SIGCHLD), 0, (nint)(&pidfd));
        if (child == 0) StepRunner.UnblockSignals();
        if (child <= 0) return child;

        // /proc/1/exe is the runtime's executable on the host: nobody in the container may open it.
        Syscall.Invoke(Syscall.Prctl, LibC.PR_SET_DUMPABLE, 0);
        fixed (byte* name = "init\0"u8) Syscall.Invoke(Syscall.Prctl, LibC.PR_SET_NAME, (nint)name);
        // Nor is the host's command line theirs to see.
        for (int i = 0; i < c->CommandLineLength; i++) c->CommandLine[i] = i < 4 ? "init"u8[i] : (byte)0;
        if (pidfd != 3) Syscall.Invoke(Syscall.Dup3, pidfd, 3, LibC.O_CLOEXEC);
        Syscall.Invoke(Syscall.CloseRange, 4, int.MaxValue, 0);
        while (true)
        {
            nint signal = Syscall.Invoke(Syscall.RtSigtimedwait, (nint)(&all), 0, 0, 8);
            if (signal == LibC.SIGCHLD) ReapAll((int)child);
            else if (signal > 0) LibC.SendSignal(3, (int)signal);
        }
    }

    private static void ReapAll(int child)
    {
        while (true)
        {
            int status = 0;
            nint pid = Syscall.Invoke(Syscall.Wait4, -1, (nint)(&status), 1 /* WNOHANG */);
            if (pid <= 0) return;
            if (pid != child) continue;
            int signal = status & 0x7F;
            StepRunner.Exit(signal != 0 ? 128 + signal : (status >> 8) & 0xFF);
        }
    }
}
