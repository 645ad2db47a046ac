using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Detached mounts: attaching those of the parent, and making one for it.</summary>
internal static unsafe partial class StepRunner
{
    /// <summary>Over "/", where it is out of the way of every path, and needs no right to look one up.</summary>
    private static nint AttachRoot(Step* s, ChildContext* c)
    {
        nint target;
        fixed (byte* root = "/\0"u8) target = OpenDirectory(root);
        if (target < 0) return target;
        nint result = Move(s->Fd, (int)target);
        Close((int)target);
        if (result >= 0) c->RootFd = s->Fd;
        return result;
    }

    private static nint AttachOver(Step* s)
    {
        nint target = OpenDirectory(s->Path);
        if (target < 0) return target;
        nint result = Move(s->Fd, (int)target);
        Close((int)target);
        return result;
    }

    /// <summary>Makes files from now on as a user and group of the container, with all rights of root.</summary>
    private static nint FileSystemIds(Step* s)
    {
        uint* header = stackalloc uint[2] { 0x20080522 /* _LINUX_CAPABILITY_VERSION_3 */, 0 };
        uint* data = stackalloc uint[6];
        nint result = Syscall.Invoke(Syscall.Capget, (nint)header, (nint)data);
        if (result < 0) return result;
        // Both return the id before; an impossible one changes nothing.
        Syscall.Invoke(Syscall.SetFsGid, (nint)s->Extra);
        Syscall.Invoke(Syscall.SetFsUid, (nint)s->Value);
        if (Syscall.Invoke(Syscall.SetFsGid, -1) != (nint)s->Extra || Syscall.Invoke(Syscall.SetFsUid, -1) != (nint)s->Value)
            return -Errno.EPERM;
        // Leaving uid 0 for files took the capabilities over files with it (capabilities(7)).
        return Syscall.Invoke(Syscall.Capset, (nint)header, (nint)data);
    }

    private static nint SendTree(Step* s, ChildContext* c)
    {
        nint tree;
        if (s->Value == 1)
        {
            nint place = Resolve(c->RootFd, s->Path, Missing.Fails);
            if (place < 0) return place;
            tree = OpenTree((int)place, recursive: false);
            Close((int)place);
        }
        else
        {
            tree = Syscall.Invoke(Syscall.OpenTree, LibC.AT_FDCWD, (nint)s->Path, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC);
        }

        if (tree < 0) return tree;
        nint result = SendDescriptor(c, ChildPacket.Tree, 0, (int)tree);
        if (result < 0) return result;
        Exit(0);
        return 0;
    }
}
