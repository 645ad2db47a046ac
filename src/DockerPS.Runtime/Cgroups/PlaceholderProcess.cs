using DockerPS.Linux;

namespace DockerPS.Runtime.Cgroups;

/// <summary>
/// A process that does nothing. systemd starts a scope only around a process, and the container's first one is to be born into its
/// cgroup: until it is, this one keeps the scope alive. It dies with us.
/// </summary>
internal sealed unsafe class PlaceholderProcess : IDisposable
{
    private int _pidfd;

    private PlaceholderProcess(int pid, int pidfd)
    {
        Pid = pid;
        _pidfd = pidfd;
    }

    public int Pid { get; }

    public static PlaceholderProcess Start()
    {
        int pidfd = -1;
        LibC.CloneArguments arguments = new() { flags = LibC.CLONE_PIDFD, pidfd = (ulong)&pidfd, exit_signal = LibC.SIGCHLD };
        // Signals are blocked over the fork and never unblocked in the child: no handler of the runtime may run there.
        ulong all = ulong.MaxValue, before = 0;
        Syscall.Invoke(Syscall.RtSigprocmask, 2 /* SIG_SETMASK */, (nint)(&all), (nint)(&before), 8);
        nint pid = Syscall.Invoke(Syscall.Clone3, (nint)(&arguments), sizeof(LibC.CloneArguments));
        if (pid == 0) Wait();
        Syscall.Invoke(Syscall.RtSigprocmask, 2, (nint)(&before), 0, 8);
        return pid > 0 ? new PlaceholderProcess((int)pid, pidfd) : throw new LinuxException("clone3()", (int)-pid);
    }

    public void Dispose()
    {
        if (_pidfd < 0) return;
        LibC.SendSignal(_pidfd, LibC.SIGKILL);
        LibC.WaitForEnd(_pidfd, -1);
        LibC.TryReap(_pidfd);
        LibC.Close(ref _pidfd);
    }

    /// <summary>The child, under the rules of all code between fork and execve: raw system calls, and nothing else.</summary>
    private static void Wait()
    {
        Syscall.Invoke(Syscall.Prctl, 1 /* PR_SET_PDEATHSIG */, LibC.SIGKILL);
        Syscall.Invoke(Syscall.CloseRange, 0, int.MaxValue, 0);
        ulong none = 0;
        while (true) Syscall.Invoke(Syscall.RtSigtimedwait, (nint)(&none), 0, 0, 8);
    }
}
