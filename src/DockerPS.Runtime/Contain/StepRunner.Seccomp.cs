using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>The filter of system calls. What comes after it runs under it.</summary>
internal static unsafe partial class StepRunner
{
    /// <summary>Gives the parent the page through which it learns of the listener's descriptor, and waits until it is ready for it.</summary>
    private static nint AnnounceListener(Step* s, ChildContext* c)
    {
        nint result = SendDescriptor(c, ChildPacket.Listener, 0, s->Fd);
        if (result < 0) return result;
        byte answer = 0;
        if (Syscall.Invoke(Syscall.Read, c->Channel, (nint)(&answer), 1) != 1) Exit(125);
        return 0;
    }

    private static nint LoadFilter(Step* s)
    {
        nint result = Syscall.Invoke(Syscall.Seccomp, LibC.SECCOMP_SET_MODE_FILTER, (nint)s->Flags, (nint)s->Data);
        if (result == -Errno.EACCES && RaisePermitted() == 0)
            result = Syscall.Invoke(Syscall.Seccomp, LibC.SECCOMP_SET_MODE_FILTER, (nint)s->Flags, (nint)s->Data);
        if (result < 0) return result;
        var page = (int*)s->Source;
        // There is one thread: none whose filters could differ.
        if (page == null) return result == 0 ? 0 : -Errno.ESRCH;
        Volatile.Write(ref page[0], (int)result + 1);
        // No system call until the listener can answer for it.
        const long Turns = 1L << 31;
        for (long turn = 0; turn < Turns; turn++)
        {
            int answer = Volatile.Read(ref page[1]);
            if (answer > 0) return 0;
            if (answer < 0) break;
            if (X86Base.IsSupported) X86Base.Pause();
            else if (ArmBase.IsSupported) ArmBase.Yield();
        }

        Exit(125);
        return 0;
    }

    /// <summary>Becoming a user who is not root has emptied the effective set; what is permitted may be taken up again.</summary>
    private static nint RaisePermitted()
    {
        const uint Version3 = 0x20080522;
        uint* header = stackalloc uint[2];
        header[0] = Version3;
        header[1] = 0;
        uint* data = stackalloc uint[6];
        nint result = Syscall.Invoke(Syscall.Capget, (nint)header, (nint)data);
        if (result < 0) return result;
        data[0] = data[1];
        data[3] = data[4];
        return Syscall.Invoke(Syscall.Capset, (nint)header, (nint)data);
    }
}
