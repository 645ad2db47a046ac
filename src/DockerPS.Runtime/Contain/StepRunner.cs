using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>
/// Runs in the child of clone3, which has one thread and a copy of a runtime whose other threads are gone. So nothing here may
/// allocate, throw, lock or call into the runtime: pointers, spans over the stack and raw system calls only.
/// </summary>
internal static unsafe partial class StepRunner
{
    /// <summary>Applies all steps; ends in execve or _exit.</summary>
    public static void Run(ChildContext* c)
    {
        Close(c->ParentChannel);
        for (int i = 0; i < c->StepCount; i++)
        {
            nint result = Apply(c->Steps + i, c);
            if (result < 0) Fail(c, i, (int)-result);
        }

        Exit(125);
    }

    private static nint Apply(Step* s, ChildContext* c) => s->Kind switch
    {
        StepKind.JoinCgroup => WriteText(s->Fd, "0"u8),
        StepKind.Unshare => Syscall.Invoke(Syscall.Unshare, (nint)s->Flags),
        StepKind.JoinNamespaces => JoinNamespaces(s, c),
        StepKind.Fork => Fork(s),
        StepKind.AwaitMaps => AwaitMaps(s, c),
        StepKind.EnterTime => EnterTime(s),
        StepKind.BecomeRoot => BecomeRoot(s),
        StepKind.Mount => Mount(s->Source, s->Path, s->Type, s->Flags, s->Data),
        StepKind.EnterDirectory => Syscall.Invoke(Syscall.Chdir, (nint)s->Path),
        StepKind.ReopenDirectory => ReopenDirectory(s),
        StepKind.AttachRoot => AttachRoot(s, c),
        StepKind.AttachOver => AttachOver(s),
        StepKind.FileSystemIds => FileSystemIds(s),
        StepKind.SendTree => SendTree(s, c),
        StepKind.OpenRoot => OpenRoot(s, c),
        StepKind.MountAt => MountAt(s, c),
        StepKind.FileSystemAt => FileSystemAt(s, c),
        StepKind.BindAt => BindAt(s, c),
        StepKind.ProtectAt => ProtectAt(s, c),
        StepKind.AttributesAt => AttributesAt(s, c),
        StepKind.MaskAt => MaskAt(s, c),
        StepKind.DeviceAt => DeviceAt(s, c),
        StepKind.SymlinkAt => SymlinkAt(s, c),
        StepKind.DirectoryAt => CloseResult(Resolve(c->RootFd, s->Path, Missing.Directory)),
        StepKind.WriteFile => WriteFile(s),
        StepKind.Terminal => OpenTerminal(s, c),
        StepKind.AwaitHooks => AwaitHooks(c),
        StepKind.FindProgram => FindProgram(c),
        StepKind.AwaitStart => AwaitStart(s, c),
        StepKind.PivotRoot => PivotRoot(c),
        StepKind.ChangeRoot => ChangeRoot(s, c),
        StepKind.SetHostname => Syscall.Invoke(Syscall.SetHostname, (nint)s->Data, (nint)s->Value),
        StepKind.SetDomainname => Syscall.Invoke(Syscall.SetDomainname, (nint)s->Data, (nint)s->Value),
        StepKind.LoopbackUp => LoopbackUp(),
        StepKind.Rlimit => SetLimit(s),
        StepKind.ResetCpus => ResetCpus(),
        StepKind.Cpus => Syscall.Invoke(Syscall.SchedSetaffinity, 0, (nint)s->Value, (nint)s->Data),
        StepKind.Scheduler => Syscall.Invoke(Syscall.SchedSetattr, 0, (nint)s->Data),
        StepKind.IoPriority => Syscall.Invoke(Syscall.IoprioSet, 1 /* IOPRIO_WHO_PROCESS */, 0, (nint)s->Value),
        StepKind.MemoryPolicy => Syscall.Invoke(Syscall.SetMempolicy, (nint)s->Flags, (nint)s->Data, (nint)s->Value),
        StepKind.Personality => SetPersonality(s),
        StepKind.RootAttributes => RootAttributes(s),
        StepKind.LearnIdentity => LearnIdentity(c),
        StepKind.StandardStreams => StandardStreams(c),
        StepKind.CloseDescriptors => CloseDescriptors(s, c),
        StepKind.BoundingSet => BoundingSet(s->Flags),
        StepKind.BecomeUser => BecomeUser(c),
        StepKind.CapabilitySets => CapabilitySets(s),
        StepKind.NoNewPrivileges => Syscall.Invoke(Syscall.Prctl, LibC.PR_SET_NO_NEW_PRIVS, 1),
        StepKind.WorkingDirectory => WorkingDirectory(s, c),
        StepKind.Umask => Syscall.Invoke(Syscall.Umask, (nint)s->Value) * 0,
        StepKind.PrepareExecution => PrepareExecution(c),
        StepKind.AnnounceListener => AnnounceListener(s, c),
        StepKind.LoadFilter => LoadFilter(s),
        StepKind.Reaper => Reaper.Fork(c),
        StepKind.Execute => Execute(c),
        _ => -Errno.ENOSYS,
    };

    private static void Fail(ChildContext* c, int step, int errno)
    {
        int* packet = stackalloc int[3];
        packet[0] = (int)ChildPacket.Failed;
        // Who starts a created container has no plan with its numbers.
        packet[1] = c->AwaitedStart ? (int)c->Steps[step].Kind : step;
        packet[2] = errno;
        Syscall.Invoke(Syscall.Write, c->Channel, (nint)packet, 12);
        Exit(125);
    }

    internal static void Exit(int code)
    {
        Syscall.Invoke(Syscall.ExitGroup, code);
        // A filter may refuse even that. Nothing handles the fault that this is.
        while (true) Volatile.Write(ref *(int*)8, code);
    }

    private static nint Close(int fd) => Syscall.Invoke(Syscall.Close, fd);

    private static nint CloseResult(nint fd)
    {
        if (fd < 0) return fd;
        Close((int)fd);
        return 0;
    }

    private static nint WriteText(int fd, ReadOnlySpan<byte> text)
    {
        fixed (byte* p = text) return Syscall.Invoke(Syscall.Write, fd, (nint)p, text.Length);
    }

    private static nint SetLimit(Step* s)
    {
        ulong* limit = stackalloc ulong[2];
        limit[0] = s->Value;
        limit[1] = s->Extra;
        return Syscall.Invoke(Syscall.Prlimit64, 0, (nint)s->Flags, (nint)limit);
    }

    private static nint LoopbackUp()
    {
        const int AF_INET = 2, SOCK_DGRAM = 2, SIOCSIFFLAGS = 0x8914, IFF_UP = 1;
        nint fd = Syscall.Invoke(Syscall.Socket, AF_INET, SOCK_DGRAM | LibC.SOCK_CLOEXEC);
        if (fd < 0) return fd;
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        request[0] = (byte)'l';
        request[1] = (byte)'o';
        *(short*)(request + 16) = IFF_UP;
        nint result = Syscall.Invoke(Syscall.Ioctl, fd, SIOCSIFFLAGS, (nint)request);
        Close((int)fd);
        return result;
    }

    private static nint WorkingDirectory(Step* s, ChildContext* c)
    {
        const ulong Makes = 1, Again = 2;
        // A second time only where root may not enter, and the user perhaps may.
        if (s->Value == Again && !c->DirectoryDenied) return 0;
        nint result = Syscall.Invoke(Syscall.Chdir, (nint)s->Path);
        if (result == -Errno.ENOENT && s->Value == Makes)
        {
            MakeDirectories(s->Path);
            result = Syscall.Invoke(Syscall.Chdir, (nint)s->Path);
        }

        if (result == -Errno.EACCES && s->Value == Makes)
        {
            c->DirectoryDenied = true;
            return 0;
        }

        if (result < 0) return result;
        // A descriptor leaked from outside must not serve as a working directory there: the kernel then says "(unreachable)".
        byte* buffer = stackalloc byte[4096];
        nint length = Syscall.Invoke(Syscall.Getcwd, (nint)buffer, 4096);
        return length > 0 && buffer[0] == (byte)'/' ? 0 : length < 0 ? length : -Refusal.Outside;
    }

    private static void MakeDirectories(byte* path)
    {
        byte* copy = stackalloc byte[4096];
        for (int i = 0; i < 4095; i++)
        {
            copy[i] = path[i];
            if (path[i] != 0 && path[i] != (byte)'/') continue;
            copy[i] = 0;
            if (i > 0) Syscall.Invoke(Syscall.MkdirAt, LibC.AT_FDCWD, (nint)copy, 0x1ED);
            if (path[i] == 0) return;
            copy[i] = (byte)'/';
        }
    }

    private static nint PrepareExecution(ChildContext* c)
    {
        ResetSignals();
        // Nothing of the host's descriptors goes on; the channel closes too, which tells the parent of success.
        return Syscall.Invoke(Syscall.CloseRange, 3 + c->KeptDescriptors, int.MaxValue, 4 /* CLOSE_RANGE_CLOEXEC */);
    }

    private static nint Execute(ChildContext* c)
    {
        int errno = Errno.ENOENT;
        for (byte** candidate = c->Candidates; *candidate != null; candidate++)
        {
            int failed = (int)-Syscall.Invoke(Syscall.Execve, (nint)(*candidate), (nint)c->Arguments, (nint)c->Environment);
            // As a shell does: what is not there is passed over, what may not be executed is remembered, all else is final.
            if (failed is Errno.ENOENT or Errno.ENOTDIR) continue;
            errno = failed;
            if (failed != Errno.EACCES) break;
        }

        return -errno;
    }

    internal static void ResetSignals()
    {
        byte* action = stackalloc byte[32];
        new Span<byte>(action, 32).Clear();
        for (int signal = 1; signal <= 64; signal++) Syscall.Invoke(Syscall.RtSigaction, signal, (nint)action, 0, 8);
        UnblockSignals();
    }

    internal static void UnblockSignals()
    {
        ulong none = 0;
        Syscall.Invoke(Syscall.RtSigprocmask, 2 /* SIG_SETMASK */, (nint)(&none), 0, 8);
    }
}
