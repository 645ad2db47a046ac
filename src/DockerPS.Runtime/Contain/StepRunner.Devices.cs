using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Device nodes, links in /dev, and the terminal.</summary>
internal static unsafe partial class StepRunner
{
    private static nint DeviceAt(Step* s, ChildContext* c)
    {
        nint parent = ResolveParent(c, s->Path, out byte* name);
        if (parent < 0) return parent;
        nint made = Syscall.Invoke(Syscall.MknodAt, parent, (nint)name, (nint)s->Flags, (nint)s->Value);
        if (made == 0 && s->Extra != 0)
        {
            made = Syscall.Invoke(
                Syscall.FchownAt, parent, (nint)name, (nint)(uint)(s->Extra >> 32), (nint)(uint)s->Extra, 0x100 /* AT_SYMLINK_NOFOLLOW */);
        }

        Close((int)parent);
        return made == -Errno.EEXIST ? 0 : made;
    }

    private static nint SymlinkAt(Step* s, ChildContext* c)
    {
        nint parent = ResolveParent(c, s->Path, out byte* name);
        if (parent < 0) return parent;
        nint made = Syscall.Invoke(Syscall.SymlinkAt, (nint)s->Source, parent, (nint)name);
        Close((int)parent);
        return made == -Errno.EEXIST ? 0 : made;
    }

    /// <summary>A descriptor of the directory above a path below the root, which is made when missing.</summary>
    private static nint ResolveParent(ChildContext* c, byte* path, out byte* name)
    {
        int slash = -1, length = 0;
        for (; path[length] != 0; length++)
        {
            if (path[length] == (byte)'/') slash = length;
        }

        name = path + slash + 1;
        if (slash >= 4095) return -Errno.ENAMETOOLONG;
        byte* parent = stackalloc byte[4096];
        for (int i = 0; i < slash; i++) parent[i] = path[i];
        parent[Math.Max(slash, 0)] = 0;
        return Resolve(c, parent, Missing.Directory);
    }

    private static nint OpenTerminal(Step* s, ChildContext* c)
    {
        const int TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441;
        nint master;
        fixed (byte* ptmx = "dev/pts/ptmx\0"u8) master = LibC.OpenInRoot(c->RootFd, ptmx, LibC.O_RDWR | LibC.O_NOCTTY);
        if (master < 0) return master;
        int unlocked = 0;
        nint result = Syscall.Invoke(Syscall.Ioctl, master, TIOCSPTLCK, (nint)(&unlocked));
        if (result < 0) return result;
        nint slave = Syscall.Invoke(Syscall.Ioctl, master, TIOCGPTPEER, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        if (slave < 0) return slave;
        c->TerminalFd = (int)slave;
        if (s->Value == 1)
        {
            nint tree = OpenTree((int)slave, recursive: false);
            if (tree < 0) return tree;
            nint console;
            fixed (byte* path = "dev/console\0"u8) console = Resolve(c, path, Missing.File);
            result = console < 0 ? console : Move((int)tree, (int)console);
            if (result < 0) return result;
            Close((int)tree);
            Close((int)console);
        }

        result = SendDescriptor(c, ChildPacket.Terminal, 0, (int)master);
        Close((int)master);
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
