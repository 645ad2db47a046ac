using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>
/// Mounts. A place below the root is resolved to a descriptor, and the descriptor is mounted on: what the image links where makes
/// no difference, nor does a change in between. What has to be set on a mount is set on it while it is detached.
/// </summary>
internal static unsafe partial class StepRunner
{
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
        const ulong Clones = 1;
        nint fd = s->Value != Clones
            ? OpenDirectory(s->Path)
            : Syscall.Invoke(
                Syscall.OpenTree, LibC.AT_FDCWD, (nint)s->Path, LibC.OPEN_TREE_CLONE | LibC.AT_RECURSIVE | LibC.O_CLOEXEC);
        if (fd < 0) return fd;
        c->RootFd = (int)fd;
        return s->Value == Clones ? SetAttributes((int)fd, new() { Propagation = LibC.MS_PRIVATE }, recursive: true) : 0;
    }

    /// <summary>A new file system by mount(2), or a remount of the one that is there.</summary>
    private static nint MountAt(Step* s, ChildContext* c)
    {
        nint target = -Errno.ENOENT;
        if ((s->Value & MountTraits.ModeOfTarget) != 0)
        {
            target = OpenPlace(s, c, Missing.Fails);
            if (target >= 0) WriteMode((int)target, s->Data + s->Extra);
        }

        if (target == -Errno.ENOENT) target = OpenPlace(s, c, (s->Flags & LibC.MS_REMOUNT) != 0 ? Missing.Fails : Missing.Directory);
        if (target < 0) return target;
        byte* path = stackalloc byte[DescriptorPathLength];
        DescriptorPath(path, (int)target);
        nint result = Mount(s->Source, path, s->Type, s->Flags, s->Data);
        Close((int)target);
        return result;
    }

    /// <summary>A new file system that is made detached, so that it can be filled and set before it is seen.</summary>
    private static nint FileSystemAt(Step* s, ChildContext* c)
    {
        nint tree = MakeFileSystem(s);
        if (tree < 0) return tree;
        nint target = OpenPlace(s, c, Missing.Directory);
        nint result = target;
        if (target >= 0 && (s->Value & MountTraits.CopyUp) != 0) result = CopyUp((int)target, (int)tree, s->Extra == 1);
        if (result >= 0) result = Attach((int)tree, (int)target, s);
        if (target >= 0) Close((int)target);
        if (result >= 0 && (s->Value & MountTraits.KeepTree) != 0) c->TreeFd = (int)tree;
        else Close((int)tree);
        return result;
    }

    /// <summary>Data holds pairs of zero-terminated strings, key and value, ended by an empty key; a flag's value is empty.</summary>
    private static nint MakeFileSystem(Step* s)
    {
        nint context = Syscall.Invoke(Syscall.Fsopen, (nint)s->Type, LibC.FSOPEN_CLOEXEC);
        if (context < 0) return context;
        nint result;
        fixed (byte* source = "source\0"u8)
            result = Syscall.Invoke(Syscall.Fsconfig, context, LibC.FSCONFIG_SET_STRING, (nint)source, (nint)s->Source);
        byte* key = s->Data;
        while (result >= 0 && key != null && *key != 0)
        {
            byte* value = key + Length(key) + 1;
            result = *value == 0
                ? Syscall.Invoke(Syscall.Fsconfig, context, LibC.FSCONFIG_SET_FLAG, (nint)key)
                : Syscall.Invoke(Syscall.Fsconfig, context, LibC.FSCONFIG_SET_STRING, (nint)key, (nint)value);
            key = value + Length(value) + 1;
        }

        if (result >= 0) result = Syscall.Invoke(Syscall.Fsconfig, context, LibC.FSCONFIG_CMD_CREATE);
        if (result >= 0) result = Syscall.Invoke(Syscall.Fsmount, context, LibC.FSMOUNT_CLOEXEC);
        Close((int)context);
        return result;
    }

    private static nint BindAt(Step* s, ChildContext* c)
    {
        nint tree = s->Fd;
        if ((s->Value & MountTraits.GivenTree) == 0)
        {
            int recursive = (s->Value & MountTraits.Recursive) != 0 ? LibC.AT_RECURSIVE : 0;
            tree = Syscall.Invoke(
                Syscall.OpenTree, LibC.AT_FDCWD, (nint)s->Source, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC | recursive);
            if (tree < 0) return tree;
        }

        LibC.statx_result facts;
        nint result = Stat((int)tree, &facts);
        if (result >= 0 && (s->Value & MountTraits.ProcfsSource) != 0 && LibC.FileSystemType((int)tree) != LibC.PROC_SUPER_MAGIC)
            result = -Refusal.SourceIsNotProcfs;
        if (result >= 0)
        {
            bool directory = (facts.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
            nint target = OpenPlace(s, c, directory ? Missing.Directory : Missing.File);
            result = target < 0 ? target : Attach((int)tree, (int)target, s);
            if (target >= 0) Close((int)target);
        }

        Close((int)tree);
        return result;
    }

    /// <summary>Where a mount goes. Nothing is mounted over procfs or inside of it, however the image leads there, but the few files that are safe.</summary>
    private static nint OpenPlace(Step* s, ChildContext* c, Missing missing)
    {
        int root = (s->Value & MountTraits.BelowTree) != 0 ? c->TreeFd : c->RootFd;
        ulong resolve = (s->Value & MountTraits.NoLinks) != 0 ? LibC.RESOLVE_NO_SYMLINKS : 0;
        nint target = Resolve(root, s->Path, missing, resolve);
        if (target < 0 || (s->Value & MountTraits.InsideProcfs) != 0) return target;
        if (LibC.FileSystemType((int)target) != LibC.PROC_SUPER_MAGIC) return target;
        Close((int)target);
        return -Refusal.InsideProcfs;
    }

    private static nint ProtectAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c->RootFd, s->Path, Missing.Fails);
        if (target < 0) return target is -Errno.ENOENT or -Errno.ENOTDIR ? 0 : target;
        nint tree = OpenTree((int)target, recursive: true);
        nint result = tree < 0 ? tree : SetAttributes((int)tree, new() { Set = s->Flags }, recursive: true);
        if (result >= 0) result = Move((int)tree, (int)target);
        if (tree >= 0) Close((int)tree);
        Close((int)target);
        return result;
    }

    /// <summary>Attributes and propagation of a mount that is there: below the root, or the tree that was kept, which ends it.</summary>
    private static nint AttributesAt(Step* s, ChildContext* c)
    {
        bool kept = (s->Value & MountTraits.KeepTree) != 0;
        nint target = kept ? c->TreeFd : OpenPlace(s, c, Missing.Fails);
        if (target < 0) return target;
        nint result = SetAll((int)target, s);
        if (result >= 0) result = Propagate((int)target, s->Propagation);
        Close((int)target);
        return result;
    }

    private static nint MaskAt(Step* s, ChildContext* c)
    {
        nint target = Resolve(c->RootFd, s->Path, Missing.Fails);
        if (target < 0) return target is -Errno.ENOENT or -Errno.ENOTDIR ? 0 : target;
        byte* path = stackalloc byte[DescriptorPathLength];
        DescriptorPath(path, (int)target);
        nint result;
        fixed (byte* tmpfs = "tmpfs\0"u8)
        {
            result = Mount(tmpfs, path, tmpfs, LibC.MS_RDONLY | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, s->Data);
        }

        if (result == -Errno.ENOTDIR)
        {
            nint tree;
            // The machine's, since the root is not changed yet: an image's own /dev/null may be anything.
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

    private static nint Attach(int tree, int target, Step* s)
    {
        nint result = SetAll(tree, s);
        if (result >= 0 && (s->Value & MountTraits.InDetachedRoot) != 0)
            result = SetAttributes(tree, new() { Propagation = LibC.MS_PRIVATE }, recursive: true);
        if (result < 0) return result;
        result = Move(tree, target);
        // A mount on a shared one becomes shared, so its own propagation comes after.
        return result < 0 ? result : Propagate(tree, s->Propagation);
    }

    private static nint SetAll(int tree, Step* s)
    {
        nint result = 0;
        if ((s->Flags | s->Clear) != 0)
        {
            result = SetAttributes(tree, new() { Set = s->Flags, Clear = s->Clear }, recursive: false);
            // A mount that another user namespace has locked read-only stays so, as with mount(8): "rw" is what tools write anyway.
            if (result == -Errno.EPERM && (s->Clear & LibC.MOUNT_ATTR_RDONLY) != 0)
            {
                ulong clear = s->Clear & ~LibC.MOUNT_ATTR_RDONLY;
                result = (s->Flags | clear) == 0 ? 0 : SetAttributes(tree, new() { Set = s->Flags, Clear = clear }, recursive: false);
            }
        }

        return result < 0 || (s->RecursiveSet | s->RecursiveClear) == 0
            ? result
            : SetAttributes(tree, new() { Set = s->RecursiveSet, Clear = s->RecursiveClear }, recursive: true);
    }

    /// <summary>Changes of propagation, one after another, as <see cref="Steps.MountOptions.PropagationOf"/> packs them.</summary>
    private static nint Propagate(int tree, ulong changes)
    {
        for (; changes != 0; changes >>= 8)
        {
            ulong propagation = LibC.MS_UNBINDABLE << (int)((changes & 7) - 1);
            nint result = SetAttributes(tree, new() { Propagation = propagation }, (changes & 0x10) != 0);
            if (result < 0) return result;
        }

        return 0;
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

    private static nint Move(int tree, int target, int flags = 0)
    {
        fixed (byte* empty = "\0"u8)
        {
            return Syscall.Invoke(
                Syscall.MoveMount,
                tree,
                (nint)empty,
                target,
                (nint)empty,
                LibC.MOVE_MOUNT_F_EMPTY_PATH | LibC.MOVE_MOUNT_T_EMPTY_PATH | flags);
        }
    }

    /// <summary>Four octal digits of a directory's mode, over those that stand there.</summary>
    private static void WriteMode(int directory, byte* digits)
    {
        LibC.statx_result facts;
        if (Stat(directory, &facts) < 0) return;
        for (int i = 0; i < 4; i++) digits[i] = (byte)('0' + ((facts.Mode >> (9 - (3 * i))) & 7));
    }

    private static int Length(byte* text)
    {
        int length = 0;
        while (text[length] != 0) length++;
        return length;
    }
}
