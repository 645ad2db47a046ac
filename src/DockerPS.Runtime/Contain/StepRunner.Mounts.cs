using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Mounts. A path below the root is resolved by openat2(RESOLVE_IN_ROOT) to a descriptor, and the descriptor is mounted on:
/// what the image links where makes no difference, nor does a change in between.</summary>
internal static unsafe partial class StepRunner
{
    private const int DescriptorPathLength = 32;

    /// <summary>What to make when a path below the root is not there.</summary>
    private enum Missing
    {
        Fails,
        Directory,
        File,
    }

    private static nint Mount(byte* source, byte* target, byte* type, ulong flags, byte* data) =>
        Syscall.Invoke(Syscall.Mount, (nint)source, (nint)target, (nint)type, (nint)flags, (nint)data);

    private static nint ReopenDirectory(Step* s)
    {
        nint fd = OpenDirectory(s->Path);
        if (fd < 0) return fd;
        nint result = Syscall.Invoke(Syscall.Dup3, fd, s->Fd, LibC.O_CLOEXEC);
        Close((int)fd);
        return result;
    }

    private static nint OpenDirectory(byte* path) =>
        Syscall.Invoke(Syscall.OpenAt, LibC.AT_FDCWD, (nint)path, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC);

    private static nint OpenRoot(Step* s, ChildContext* c)
    {
        nint fd = OpenDirectory(s->Path);
        if (fd < 0) return fd;
        c->RootFd = (int)fd;
        return 0;
    }

    private static nint MountAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c, s->Path, Missing.Directory);
        if (target < 0) return target;
        byte* path = stackalloc byte[DescriptorPathLength];
        DescriptorPath(path, (int)target);
        nint result = Mount(s->Source, path, s->Type, s->Flags, s->Data);
        Close((int)target);
        if (result < 0 || s->Propagation == 0) return result;
        target = Resolve(c, s->Path, Missing.Fails);
        if (target < 0) return target;
        DescriptorPath(path, (int)target);
        result = Mount(null, path, null, s->Propagation, null);
        Close((int)target);
        return result;
    }

    private static nint BindAt(Step* s, ChildContext* c)
    {
        bool recursive = (s->Value & 1) != 0;
        nint tree = Syscall.Invoke(
            Syscall.OpenTree,
            LibC.AT_FDCWD,
            (nint)s->Source,
            LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC | (recursive ? LibC.AT_RECURSIVE : 0));
        if (tree < 0) return tree;
        nint target = Resolve(c, s->Path, (s->Value & 2) != 0 ? Missing.File : Missing.Directory);
        nint result = target < 0 ? target : Attach((int)tree, (int)target, s, recursive && (s->Value & 4) != 0);
        if (target >= 0) Close((int)target);
        Close((int)tree);
        return result;
    }

    private static nint ProtectAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c, s->Path, Missing.Fails);
        if (target < 0) return target == -Errno.ENOENT ? 0 : target;
        nint tree = OpenTree((int)target, recursive: true);
        nint result = tree < 0 ? tree : Attach((int)tree, (int)target, s, recursive: true);
        if (tree >= 0) Close((int)tree);
        Close((int)target);
        return result;
    }

    private static nint AttributesAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c, s->Path, Missing.Fails);
        if (target < 0) return target;
        nint result = SetAttributes((int)target, new() { Set = s->Flags, Clear = s->Clear }, recursive: false);
        Close((int)target);
        return result;
    }

    private static nint MaskAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c, s->Path, Missing.Fails);
        if (target < 0) return target is -Errno.ENOENT or -Errno.ENOTDIR ? 0 : target;
        byte* path = stackalloc byte[DescriptorPathLength];
        DescriptorPath(path, (int)target);
        nint result;
        fixed (byte* tmpfs = "tmpfs\0"u8, size = "size=0k,nr_inodes=1,mode=555\0"u8)
        {
            result = Mount(tmpfs, path, tmpfs, LibC.MS_RDONLY | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, size);
        }

        if (result == -Errno.ENOTDIR)
        {
            nint tree;
            fixed (byte* nothing = "/dev/null\0"u8)
            {
                tree = Syscall.Invoke(Syscall.OpenTree, LibC.AT_FDCWD, (nint)nothing, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC);
            }

            result = tree < 0 ? tree : Move((int)tree, (int)target);
            if (tree >= 0) Close((int)tree);
        }

        Close((int)target);
        return result;
    }

    private static nint RootAttributes(Step* s)
    {
        LibC.MountAttributes attributes = new() { Set = s->Flags };
        fixed (byte* root = "/\0"u8)
        {
            return Syscall.Invoke(
                Syscall.MountSetattr, LibC.AT_FDCWD, (nint)root, 0, (nint)(&attributes), sizeof(LibC.MountAttributes));
        }
    }

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

    private static nint OpenTree(int fd, bool recursive)
    {
        fixed (byte* empty = "\0"u8)
        {
            return Syscall.Invoke(
                Syscall.OpenTree,
                fd,
                (nint)empty,
                LibC.AT_EMPTY_PATH | LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC | (recursive ? LibC.AT_RECURSIVE : 0));
        }
    }

    private static nint Attach(int tree, int target, Step* s, bool recursive)
    {
        if (s->Flags != 0 || s->Clear != 0)
        {
            nint result = SetAttributes(tree, new() { Set = s->Flags, Clear = s->Clear }, recursive);
            if (result < 0) return result;
        }

        if (s->Propagation != 0)
        {
            bool all = (s->Propagation & LibC.MS_REC) != 0;
            nint result = SetAttributes(tree, new() { Propagation = s->Propagation & ~LibC.MS_REC }, all);
            if (result < 0) return result;
        }

        return Move(tree, target);
    }

    private static nint SetAttributes(int tree, LibC.MountAttributes attributes, bool recursive)
    {
        fixed (byte* empty = "\0"u8)
        {
            return Syscall.Invoke(
                Syscall.MountSetattr,
                tree,
                (nint)empty,
                LibC.AT_EMPTY_PATH | (recursive ? LibC.AT_RECURSIVE : 0),
                (nint)(&attributes),
                sizeof(LibC.MountAttributes));
        }
    }

    private static nint Move(int tree, int target)
    {
        fixed (byte* empty = "\0"u8)
        {
            return Syscall.Invoke(
                Syscall.MoveMount,
                tree,
                (nint)empty,
                target,
                (nint)empty,
                LibC.MOVE_MOUNT_F_EMPTY_PATH | LibC.MOVE_MOUNT_T_EMPTY_PATH);
        }
    }

    /// <summary>A descriptor of a path below the root, or -errno. Missing parts are made one by one, each below the root.</summary>
    private static nint Resolve(ChildContext* c, byte* path, Missing missing)
    {
        while (*path == (byte)'/') path++;
        fixed (byte* here = ".\0"u8)
        {
            if (*path == 0) return LibC.OpenInRoot(c->RootFd, here, LibC.O_PATH);
            nint fd = LibC.OpenInRoot(c->RootFd, path, LibC.O_PATH);
            if (fd != -Errno.ENOENT || missing == Missing.Fails) return fd;
            byte* copy = stackalloc byte[4096];
            int length = 0;
            for (; path[length] != 0; length++)
            {
                if (length == 4095) return -Errno.ENAMETOOLONG;
                copy[length] = path[length];
            }

            copy[length] = 0;
            // Most often only the last part is missing: walk back to what is there, then forward again.
            int known = length;
            nint parent = -Errno.ENOENT;
            while (parent == -Errno.ENOENT)
            {
                while (known > 0 && copy[known] != (byte)'/') known--;
                copy[known] = 0;
                parent = LibC.OpenInRoot(c->RootFd, known > 0 ? copy : here, LibC.O_PATH | LibC.O_DIRECTORY);
                if (known == 0) break;
            }

            copy[0] = path[0];
            return parent < 0 ? parent : MakeBelow(c, (int)parent, copy, known, length, missing);
        }
    }

    /// <summary>Makes what follows a known prefix of a path, one part at a time. Closes the parent.</summary>
    private static nint MakeBelow(ChildContext* c, int parent, byte* path, int known, int length, Missing missing)
    {
        while (true)
        {
            int name = known == 0 ? 0 : known + 1;
            if (known > 0) path[known] = (byte)'/';
            int end = name;
            while (path[end] != 0) end++;
            bool last = end == length;
            nint made = last && missing == Missing.File
                ? Syscall.Invoke(Syscall.MknodAt, parent, (nint)(path + name), 0x81A4 /* S_IFREG | 0644 */)
                : Syscall.Invoke(Syscall.MkdirAt, parent, (nint)(path + name), 0x1ED /* 0755 */);
            Close(parent);
            if (made < 0 && made != -Errno.EEXIST) return made;
            nint fd = LibC.OpenInRoot(c->RootFd, path, last ? LibC.O_PATH : LibC.O_PATH | LibC.O_DIRECTORY);
            if (fd < 0 || last) return fd;
            parent = (int)fd;
            known = end;
        }
    }

    private static void DescriptorPath(byte* path, int fd)
    {
        ReadOnlySpan<byte> prefix = "/proc/self/fd/"u8;
        int at = 0;
        for (; at < prefix.Length; at++) path[at] = prefix[at];
        int digits = 1;
        for (int rest = fd; rest >= 10; rest /= 10) digits++;
        for (int i = digits - 1; i >= 0; i--)
        {
            path[at + i] = (byte)('0' + (fd % 10));
            fd /= 10;
        }

        path[at + digits] = 0;
    }
}
