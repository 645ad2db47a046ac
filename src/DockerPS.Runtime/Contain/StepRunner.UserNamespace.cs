using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Joining and entering namespaces, the user namespace among them.</summary>
internal static unsafe partial class StepRunner
{
    private const ulong Tries = 1, TriesAgain = 2;

    private static nint JoinNamespaces(Step* s, ChildContext* c)
    {
        // Extra marks one that was joined.
        if (s->Value == TriesAgain && c->Steps[s->Clear].Extra == 1) return 0;
        nint result = Syscall.Invoke(Syscall.Setns, s->Fd, (nint)s->Flags);
        if (s->Value != Tries) return result;
        // Only in its user namespace there are the rights to it.
        if (result == -Errno.EPERM) return 0;
        if (result == 0) s->Extra = 1;
        return result;
    }

    private static nint Fork(Step* s)
    {
        // With CLONE_PARENT the signal at its end is this process's own, and must not be named.
        LibC.CloneArguments arguments = new() { flags = s->Flags | LibC.CLONE_PARENT };
        nint child = Syscall.Invoke(Syscall.Clone3, (nint)(&arguments), sizeof(LibC.CloneArguments));
        if (child > 0) Exit(0);
        return child;
    }

    private static nint AwaitMaps(Step* s, ChildContext* c)
    {
        nint pidfd = -1;
        if (s->Value == 1)
        {
            pidfd = Syscall.Invoke(Syscall.PidfdOpen, Syscall.Invoke(Syscall.GetPid));
            if (pidfd < 0) return pidfd;
        }

        nint result = SendDescriptor(c, ChildPacket.WantsMaps, (int)s->Flags, (int)pidfd);
        if (pidfd >= 0) Close((int)pidfd);
        if (result < 0) return result;
        byte answer;
        // Nobody answers: the parent is gone, or has said why it will not go on.
        if (Syscall.Invoke(Syscall.Read, c->Channel, (nint)(&answer), 1) != 1) Exit(125);
        return 0;
    }

    private static nint EnterTime(Step* s)
    {
        nint result = Syscall.Invoke(Syscall.Unshare, (nint)LibC.CLONE_NEWTIME);
        if (result < 0) return result;
        if (s->Value > 0)
        {
            fixed (byte* path = "self/timens_offsets\0"u8)
            {
                nint file = Syscall.Invoke(Syscall.OpenAt, s->Fd, (nint)path, LibC.O_WRONLY | LibC.O_CLOEXEC);
                if (file < 0) return file;
                result = Syscall.Invoke(Syscall.Write, file, (nint)s->Data, (nint)s->Value);
                Close((int)file);
                if (result < 0) return result;
            }
        }

        // unshare meant the children; their namespace is then entered, after which its offsets stand.
        fixed (byte* path = "self/ns/time_for_children\0"u8)
        {
            nint file = Syscall.Invoke(Syscall.OpenAt, s->Fd, (nint)path, LibC.O_RDONLY | LibC.O_CLOEXEC);
            if (file < 0) return file;
            result = Syscall.Invoke(Syscall.Setns, file, (nint)LibC.CLONE_NEWTIME);
            Close((int)file);
        }

        return result;
    }

    private static nint BecomeRoot(Step* s)
    {
        nint result = Syscall.Invoke(Syscall.SetGroups, 0, 0);
        if (result < 0 && !(result == -Errno.EPERM && (s->Flags & 1) != 0)) return result;
        result = Syscall.Invoke(Syscall.SetResGid, (nint)s->Extra, (nint)s->Extra, (nint)s->Extra);
        if (result >= 0) result = Syscall.Invoke(Syscall.SetResUid, (nint)s->Value, (nint)s->Value, (nint)s->Value);
        return result == -Errno.EINVAL && (s->Flags & 2) != 0 ? 0 : result;
    }

    /// <summary>A packet that carries a copy of a descriptor, or none (-1).</summary>
    private static nint SendDescriptor(ChildContext* c, ChildPacket kind, int value, int descriptor)
    {
        int* packet = stackalloc int[3] { (int)kind, value, 0 };
        nint* vector = stackalloc nint[2] { (nint)packet, 12 };
        byte* control = stackalloc byte[LibC.DescriptorMessageLength];
        LibC.WriteDescriptorMessage(control, descriptor);
        LibC.MessageHeader header = new() { Vectors = (nint)vector, VectorCount = 1 };
        if (descriptor >= 0)
        {
            header.Control = (nint)control;
            header.ControlLength = LibC.DescriptorMessageLength;
        }

        return Syscall.Invoke(Syscall.SendMsg, c->Channel, (nint)(&header), 0);
    }
}
