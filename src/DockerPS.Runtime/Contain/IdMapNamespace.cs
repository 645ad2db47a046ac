using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Contain;

/// <summary>
/// A user namespace that only carries maps: what mount_setattr(2) wants for an idmapped mount. It is there before the container is,
/// and lives as long as its descriptor and the mounts that use it.
/// </summary>
internal static unsafe class IdMapNamespace
{
    /// <summary>The namespace's descriptor, close-on-exec. The caller closes it.</summary>
    public static int Open(IdMaps maps)
    {
        (int read, int write) = LibC.Pipe();
        int pidfd = -1;
        LibC.CloneArguments arguments = new()
        {
            flags = LibC.CLONE_NEWUSER | LibC.CLONE_PIDFD, pidfd = (ulong)&pidfd, exit_signal = LibC.SIGCHLD,
        };
        ulong all = ulong.MaxValue, before = 0;
        Syscall.Invoke(Syscall.RtSigprocmask, 2 /* SIG_SETMASK */, (nint)(&all), (nint)(&before), 8);
        nint pid = Syscall.Invoke(Syscall.Clone3, (nint)(&arguments), sizeof(LibC.CloneArguments));
        if (pid == 0) Hold(read, write);
        Syscall.Invoke(Syscall.RtSigprocmask, 2, (nint)(&before), 0, 8);
        LibC.Close(ref read);
        try
        {
            if (pid < 0)
                throw RuntimeFailureException.From(RuntimeStages.Namespaces, new LinuxException("clone3(CLONE_NEWUSER)", (int)-pid));
            maps.Write((int)pid);
            return LibC.Open($"/proc/{pid}/ns/user", LibC.O_RDONLY);
        }
        finally
        {
            LibC.Close(ref write);
            if (pid > 0)
            {
                LibC.WaitForEnd(pidfd, -1);
                LibC.TryReap(pidfd);
                LibC.Close(ref pidfd);
            }
        }
    }

    /// <summary>In the child: holds the namespace until the parent lets go of the pipe, which it does also by dying.</summary>
    private static void Hold(int read, int write)
    {
        byte end;
        Syscall.Invoke(Syscall.Close, write);
        Syscall.Invoke(Syscall.Read, read, (nint)(&end), 1);
        StepRunner.Exit(0);
    }
}
