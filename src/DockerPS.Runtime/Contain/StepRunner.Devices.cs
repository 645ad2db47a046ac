using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Device nodes, links in /dev, and the terminal.</summary>
internal static unsafe partial class StepRunner
{
    private static nint DeviceAt(Step* s, ChildContext* c)
    {
        nint parent = ResolveParent(c->RootFd, s->Path, out byte* name);
        if (parent < 0) return parent;
        nint made = PutDevice(s, (int)parent, name);
        Close((int)parent);
        return made;
    }

    private static nint PutDevice(Step* s, int parent, byte* name)
    {
        bool pipe = (s->Flags & LibC.S_IFMT) == LibC.S_IFIFO;
        nint made = pipe || (s->Clear & DeviceTraits.Bind) == 0
            ? Syscall.Invoke(Syscall.MknodAt, parent, (nint)name, (nint)s->Flags, (nint)s->Value)
            : -Errno.EPERM;
        if (made == 0 && s->Extra != 0)
        {
            made = Syscall.Invoke(
                Syscall.FchownAt, parent, (nint)name, (nint)(uint)(s->Extra >> 32), (nint)(uint)s->Extra, LibC.AT_SYMLINK_NOFOLLOW);
        }

        LibC.statx_result facts;
        if (made == -Errno.EPERM && !pipe)
        {
            // It may be there all the same, and then nothing has to be bound.
            if (StatAt(parent, name, LibC.AT_SYMLINK_NOFOLLOW, &facts) == 0 && IsDevice(s, &facts)) return 0;
            return BindDevice(s, parent, name);
        }

        if (made != -Errno.EEXIST) return made;
        made = StatAt(parent, name, LibC.AT_SYMLINK_NOFOLLOW, &facts);
        if (made < 0 || IsDevice(s, &facts)) return made;
        bool file = (facts.Mode & LibC.S_IFMT) == LibC.S_IFREG;
        return file && (s->Clear & DeviceTraits.Replace) != 0 ? BindDevice(s, parent, name) : -Refusal.OtherFile;
    }

    private static bool IsDevice(Step* s, LibC.statx_result* facts)
    {
        uint type = (uint)s->Flags & LibC.S_IFMT;
        if ((facts->Mode & LibC.S_IFMT) != type) return false;
        return type == LibC.S_IFIFO || LibC.MakeDevice(facts->DeviceMajorOfNode, facts->DeviceMinorOfNode) == s->Value;
    }

    /// <summary>The machine's node of the same path, if it is the same device, over a file.</summary>
    private static nint BindDevice(Step* s, int parent, byte* name)
    {
        nint tree = Syscall.Invoke(Syscall.OpenTree, LibC.AT_FDCWD, (nint)s->Path, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC);
        if (tree < 0) return tree;
        LibC.statx_result facts;
        nint result = Stat((int)tree, &facts);
        if (result >= 0 && !IsDevice(s, &facts)) result = -Refusal.OtherDevice;
        if (result >= 0) result = Syscall.Invoke(Syscall.MknodAt, parent, (nint)name, 0x81A4 /* S_IFREG | 0644 */);
        if (result >= 0 || result == -Errno.EEXIST)
        {
            nint target = Syscall.Invoke(Syscall.OpenAt, parent, (nint)name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);
            result = target < 0 ? target : Move((int)tree, (int)target);
            if (target >= 0) Close((int)target);
        }

        Close((int)tree);
        return result;
    }

    private static nint SymlinkAt(Step* s, ChildContext* c)
    {
        int root = (s->Value & MountTraits.BelowTree) != 0 ? c->TreeFd : c->RootFd;
        nint parent = ResolveParent(root, s->Path, out byte* name);
        if (parent < 0) return parent;
        nint made = Syscall.Invoke(Syscall.SymlinkAt, (nint)s->Source, parent, (nint)name);
        Close((int)parent);
        return made == -Errno.EEXIST ? 0 : made;
    }

    private static nint OpenTerminal(Step* s, ChildContext* c)
    {
        const int TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441, TIOCSWINSZ = 0x5414;
        nint master = OpenMultiplexer(c);
        if (master < 0) return master;
        int unlocked = 0;
        nint result = Syscall.Invoke(Syscall.Ioctl, master, TIOCSPTLCK, (nint)(&unlocked));
        if (result < 0) return result;
        nint slave = Syscall.Invoke(Syscall.Ioctl, master, TIOCGPTPEER, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        if (slave < 0) return slave;
        c->TerminalFd = (int)slave;
        if (s->Extra != 0)
        {
            // struct winsize: rows, columns, and two that nobody uses.
            ushort* size = stackalloc ushort[4] { (ushort)s->Extra, (ushort)(s->Extra >> 16), 0, 0 };
            result = Syscall.Invoke(Syscall.Ioctl, master, TIOCSWINSZ, (nint)size);
            if (result < 0) return result;
        }

        if (s->Value == 1)
        {
            result = BindConsole(c, (int)slave);
            if (result < 0) return result;
        }

        result = SendDescriptor(c, ChildPacket.Terminal, 0, (int)master);
        Close((int)master);
        return result;
    }

    /// <summary>ptmx of the container's devpts and nothing else: an image may have put any device there, or a link to one.</summary>
    private static nint OpenMultiplexer(ChildContext* c)
    {
        nint directory;
        fixed (byte* path = "dev/pts\0"u8) directory = LibC.OpenInRoot(c->RootFd, path, LibC.O_PATH | LibC.O_DIRECTORY);
        if (directory < 0) return directory;
        nint master = -Refusal.NotDevpts;
        if (LibC.FileSystemType((int)directory) == LibC.DEVPTS_SUPER_MAGIC)
        {
            fixed (byte* name = "ptmx\0"u8)
            {
                master = LibC.OpenInRoot(
                    (int)directory, name, LibC.O_RDWR | LibC.O_NOCTTY, LibC.RESOLVE_NO_SYMLINKS | LibC.RESOLVE_NO_XDEV);
            }
        }

        Close((int)directory);
        return master;
    }

    /// <summary>The slave itself, by descriptor, on a regular file or what stands for one: a link there would be followed to wherever the image wants.</summary>
    private static nint BindConsole(ChildContext* c, int slave)
    {
        nint tree = OpenTree(slave, recursive: false);
        if (tree < 0) return tree;
        nint console;
        fixed (byte* path = "dev/console\0"u8) console = Resolve(c->RootFd, path, Missing.File, LibC.RESOLVE_NO_SYMLINKS);
        nint result = console < 0 ? console
            : LibC.FileSystemType((int)console) == LibC.PROC_SUPER_MAGIC ? -Refusal.InsideProcfs
            : Move((int)tree, (int)console);
        if (console >= 0) Close((int)console);
        Close((int)tree);
        return result;
    }

    private static nint StandardStreams(ChildContext* c)
    {
        const int TIOCSCTTY = 0x540E;
        Syscall.Invoke(Syscall.Setsid);
        if (c->Terminal)
        {
            nint result = Syscall.Invoke(Syscall.Ioctl, c->TerminalFd, TIOCSCTTY, 0);
            if (result < 0) return result;
            c->StdIn = c->StdOut = c->StdErr = c->TerminalFd;
        }

        // The sources may themselves be numbered 0 to 2, so copy them out of the way first.
        const int F_DUPFD_CLOEXEC = 1030;
        nint input = Duplicate(c->StdIn, F_DUPFD_CLOEXEC);
        nint output = Duplicate(c->StdOut, F_DUPFD_CLOEXEC);
        nint error = Duplicate(c->StdErr, F_DUPFD_CLOEXEC);
        if (input < 0 || output < 0 || error < 0) return -Errno.EBADF;
        nint a = Syscall.Invoke(Syscall.Dup3, input, 0, 0);
        nint b = Syscall.Invoke(Syscall.Dup3, output, 1, 0);
        nint d = Syscall.Invoke(Syscall.Dup3, error, 2, 0);
        return a < 0 ? a : b < 0 ? b : d < 0 ? d : 0;
    }

    private static nint Duplicate(int fd, int command) => Syscall.Invoke(Syscall.Fcntl, fd, command, 10);
}
