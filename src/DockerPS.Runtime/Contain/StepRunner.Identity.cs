using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Who the process is: user, groups, capabilities.</summary>
internal static unsafe partial class StepRunner
{
    private static nint LearnIdentity(ChildContext* c)
    {
        nint result = Tell(c, ChildPacket.WantsIdentity);
        if (result < 0) return result;
        byte* answer = stackalloc byte[ChildLimits.IdentityPacket];
        nint length = Syscall.Invoke(Syscall.Read, c->Channel, (nint)answer, ChildLimits.IdentityPacket);
        // Nobody answers: the supervisor is gone, or has said why it will not go on.
        if (length < ChildLimits.IdentityHeader) Exit(125);
        c->Uid = *(uint*)answer;
        c->Gid = *(uint*)(answer + 4);
        c->GroupCount = *(int*)(answer + 8);
        int home = *(int*)(answer + 12);
        byte* at = answer + ChildLimits.IdentityHeader;
        for (int i = 0; i < c->GroupCount; i++, at += 4) c->Groups[i] = *(uint*)at;
        if (c->HomeSlot != null && home > 0)
        {
            // Home was allocated with "HOME=" in front.
            for (int i = 0; i < home; i++) c->Home[5 + i] = at[i];
            c->Home[5 + home] = 0;
            *c->HomeSlot = c->Home;
        }

        return 0;
    }

    private static nint BoundingSet(ulong keep)
    {
        for (int capability = 0; capability < 64; capability++)
        {
            if ((keep & (1UL << capability)) != 0) continue;
            nint result = Syscall.Invoke(Syscall.Prctl, LibC.PR_CAPBSET_DROP, capability);
            // The first number that the kernel does not know ends the list.
            if (result == -Errno.EINVAL) return 0;
            if (result < 0) return result;
        }

        return 0;
    }

    private static nint BecomeUser(ChildContext* c)
    {
        fixed (byte* empty = "\0"u8)
        {
            for (int fd = 0; fd < 3; fd++)
            {
                if ((c->OwnedPipes & (1 << fd)) != 0)
                    Syscall.Invoke(Syscall.FchownAt, fd, (nint)empty, (nint)c->Uid, -1, LibC.AT_EMPTY_PATH);
            }

            if (c->Terminal) Syscall.Invoke(Syscall.FchownAt, c->TerminalFd, (nint)empty, (nint)c->Uid, -1, LibC.AT_EMPTY_PATH);
        }

        // A session keyring of its own, so that the host's keys cannot be reached; kernels without keys do without.
        if (!c->KeepKeyring) Syscall.Invoke(Syscall.Keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, 0);
        nint result = Syscall.Invoke(Syscall.Prctl, LibC.PR_SET_KEEPCAPS, 1);
        if (result < 0) return result;
        result = Syscall.Invoke(Syscall.SetGroups, c->GroupCount, (nint)c->Groups);
        // Where setgroups is denied nobody can have other groups than the caller's (user_namespaces(7)).
        if (result == -Errno.EPERM && c->GroupCount == 0 && c->GroupsMayBeDenied) result = 0;
        if (result < 0) return result;
        result = Syscall.Invoke(Syscall.SetResGid, (nint)c->Gid, (nint)c->Gid, (nint)c->Gid);
        return result < 0 ? result : Syscall.Invoke(Syscall.SetResUid, (nint)c->Uid, (nint)c->Uid, (nint)c->Uid);
    }

    private static nint CapabilitySets(Step* s)
    {
        const uint Version3 = 0x20080522;
        uint* header = stackalloc uint[2];
        header[0] = Version3;
        header[1] = 0;
        uint* data = stackalloc uint[6];
        for (int half = 0; half < 2; half++)
        {
            data[half * 3] = (uint)(s->Flags >> (32 * half));
            data[(half * 3) + 1] = (uint)(s->Value >> (32 * half));
            data[(half * 3) + 2] = (uint)(s->Extra >> (32 * half));
        }

        // What the caller had as ambient, the program would get as well.
        nint result = Syscall.Invoke(Syscall.Prctl, LibC.PR_CAP_AMBIENT, 4 /* PR_CAP_AMBIENT_CLEAR_ALL */);
        if (result < 0) return result;
        result = Syscall.Invoke(Syscall.Capset, (nint)header, (nint)data);
        if (result < 0) return result;
        for (int capability = 0; capability < 64; capability++)
        {
            if ((s->Clear & (1UL << capability)) == 0) continue;
            result = Syscall.Invoke(Syscall.Prctl, LibC.PR_CAP_AMBIENT, 2 /* PR_CAP_AMBIENT_RAISE */, capability);
            // One that is not inheritable and permitted cannot be ambient; bundles ask for it all the same.
            if (result < 0 && result != -Errno.EPERM) return result;
        }

        return 0;
    }
}
