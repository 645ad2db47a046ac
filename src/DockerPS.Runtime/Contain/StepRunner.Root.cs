using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>The root: making it "/", by pivot_root(2) where the mount namespace is the container's own.</summary>
internal static unsafe partial class StepRunner
{
    private static nint PivotRoot(ChildContext* c)
    {
        nint result = Syscall.Invoke(Syscall.Fchdir, c->RootFd);
        if (result < 0) return result;
        fixed (byte* here = ".\0"u8, root = "/\0"u8)
        {
            // The old root lands on top of the new one, and is taken off again (pivot_root(2), NOTES).
            result = Syscall.Invoke(Syscall.PivotRoot, (nint)here, (nint)here);
            if (result < 0) return result;
            result = Syscall.Invoke(Syscall.Umount2, (nint)here, LibC.MNT_DETACH);
            return result < 0 ? result : Syscall.Invoke(Syscall.Chdir, (nint)root);
        }
    }

    /// <summary>For a root that cannot be pivoted from (a ramdisk): moved over "/" with Value 1, and the mounts of Data, one zero-terminated
    /// path after another, taken off beneath it, so that little is left for who gets out of a chroot(2).</summary>
    private static nint ChangeRoot(Step* s, ChildContext* c)
    {
        if (s->Fd > 0) c->RootFd = s->Fd;
        nint result = Syscall.Invoke(Syscall.Fchdir, c->RootFd);
        if (result < 0) return result;
        fixed (byte* here = ".\0"u8, root = "/\0"u8)
        {
            if (s->Value == 1)
            {
                result = Mount(here, root, null, LibC.MS_MOVE, null);
                if (result < 0) return result;
                for (byte* path = s->Data; path != null && *path != 0; path += Length(path) + 1)
                    Syscall.Invoke(Syscall.Umount2, (nint)path, LibC.MNT_DETACH);
            }

            result = Syscall.Invoke(Syscall.Chroot, (nint)here);
            return result < 0 ? result : Syscall.Invoke(Syscall.Chdir, (nint)root);
        }
    }

    /// <summary>Attributes and propagation of "/", after it was changed; Fd: the mount on the host whose peer it becomes first.</summary>
    private static nint RootAttributes(Step* s)
    {
        nint tree;
        fixed (byte* root = "/\0"u8) tree = OpenDirectory(root);
        if (tree < 0) return tree;
        nint result = 0;
        if (s->Fd > 0)
        {
            // Only a mount without a group can join one, and until now this was a slave. Where the host's mount is not shared itself
            // there is no group to join.
            result = SetAttributes((int)tree, new() { Propagation = LibC.MS_PRIVATE }, recursive: false);
            if (result >= 0) result = Move(s->Fd, (int)tree, LibC.MOVE_MOUNT_SET_GROUP);
            if (result == -Errno.EINVAL) result = 0;
            Close(s->Fd);
        }

        if (result >= 0 && s->Flags != 0) result = SetAttributes((int)tree, new() { Set = s->Flags }, recursive: false);
        if (result >= 0) result = Propagate((int)tree, s->Propagation);
        Close((int)tree);
        return result;
    }
}
