using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Where the child waits for others: for hooks before the pivot, and for the start of a created container.</summary>
internal static unsafe partial class StepRunner
{
    private static nint AwaitHooks(ChildContext* c)
    {
        nint result = Tell(c, ChildPacket.Waiting);
        if (result < 0) return result;
        byte answer;
        // Nobody answers: the parent is gone, or has said why it will not go on.
        if (Syscall.Invoke(Syscall.Read, c->Channel, (nint)(&answer), 1) != 1) Exit(125);
        return 0;
    }

    private static nint AwaitStart(Step* s, ChildContext* c)
    {
        nint result = Tell(c, ChildPacket.Created);
        if (result < 0) return result;
        Close(c->Channel);
        c->AwaitedStart = true;
        while (true)
        {
            nint connection = Syscall.Invoke(Syscall.Accept4, s->Fd, 0, 0, LibC.SOCK_CLOEXEC);
            if (connection == -Errno.EINTR || connection == -103 /* ECONNABORTED */) continue;
            if (connection < 0) return connection;
            c->Channel = (int)connection;
            byte go;
            // One that was killed before it said go leaves the container created.
            if (Syscall.Invoke(Syscall.Read, connection, (nint)(&go), 1) == 1) break;
            Close((int)connection);
        }

        Close(s->Fd);
        return 0;
    }

    private static nint FindProgram(ChildContext* c)
    {
        const int X_OK = 1, AT_EACCESS = 0x200;
        int errno = Errno.ENOENT;
        for (byte** candidate = c->Candidates; *candidate != null; candidate++)
        {
            LibC.statx_result facts;
            nint result = Syscall.Invoke(
                Syscall.Statx, LibC.AT_FDCWD, (nint)(*candidate), 0, (nint)LibC.STATX_BASIC_STATS, (nint)(&facts));
            if (result == 0 && (facts.Mode & LibC.S_IFMT) == LibC.S_IFDIR) result = -Errno.EACCES;
            if (result == 0) result = Syscall.Invoke(Syscall.FaccessAt2, LibC.AT_FDCWD, (nint)(*candidate), X_OK, AT_EACCESS);
            if (result == 0) return 0;
            if (result is -Errno.ENOENT or -Errno.ENOTDIR) continue;
            errno = (int)-result;
            if (errno != Errno.EACCES) break;
        }

        return -errno;
    }

    private static nint Tell(ChildContext* c, ChildPacket kind)
    {
        int* packet = stackalloc int[3] { (int)kind, 0, 0 };
        return Syscall.Invoke(Syscall.Write, c->Channel, (nint)packet, 12);
    }
}
