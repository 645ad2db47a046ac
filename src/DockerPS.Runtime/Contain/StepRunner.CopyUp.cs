using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Copies what a directory of the image holds into a new, still detached tmpfs: types, owners, modes, modification times.
/// Every name is opened below its directory and never followed.</summary>
internal static unsafe partial class StepRunner
{
    private const int CopyDepth = 64;

    /// <param name="from">The directory of the image.</param>
    /// <param name="tree">Root of the tmpfs.</param>
    /// <param name="ownFacts">The tmpfs's root keeps owner and mode that its options gave it.</param>
    private static nint CopyUp(int from, int tree, bool ownFacts)
    {
        LibC.statx_result facts;
        nint result = Stat(from, &facts);
        if (result < 0) return result;
        fixed (byte* here = ".\0"u8)
        {
            nint source = Syscall.Invoke(Syscall.OpenAt, from, (nint)here, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
            if (source < 0) return source;
            result = CopyEntries((int)source, tree, CopyDepth);
            Close((int)source);
            return result < 0 || ownFacts ? result : CopyFacts(tree, here, &facts);
        }
    }

    private static nint CopyEntries(int from, int to, int depth)
    {
        const int BufferLength = 4096, NameOffset = 19, LengthOffset = 16;
        if (depth == 0) return -Refusal.TooDeep;
        byte* buffer = stackalloc byte[BufferLength];
        while (true)
        {
            nint length = Syscall.Invoke(Syscall.Getdents64, from, (nint)buffer, BufferLength);
            if (length <= 0) return length;
            for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
            {
                byte* name = entry + NameOffset;
                if (name[0] == (byte)'.' && (name[1] == 0 || (name[1] == (byte)'.' && name[2] == 0))) continue;
                nint result = CopyEntry(from, to, name, depth);
                if (result < 0) return result;
            }
        }
    }

    private static nint CopyEntry(int from, int to, byte* name, int depth)
    {
        LibC.statx_result facts;
        nint result = StatAt(from, name, LibC.AT_SYMLINK_NOFOLLOW, &facts);
        if (result < 0) return result;
        result = (uint)(facts.Mode & LibC.S_IFMT) switch
        {
            LibC.S_IFDIR => CopyDirectory(from, to, name, depth),
            LibC.S_IFREG => CopyFile(from, to, name),
            LibC.S_IFLNK => CopyLink(from, to, name),
            _ => Syscall.Invoke(
                Syscall.MknodAt, to, (nint)name, facts.Mode, (nint)LibC.MakeDevice(facts.DeviceMajorOfNode, facts.DeviceMinorOfNode)),
        };
        return result < 0 ? result : CopyFacts(to, name, &facts);
    }

    private static nint CopyDirectory(int from, int to, byte* name, int depth)
    {
        nint result = Syscall.Invoke(Syscall.MkdirAt, to, (nint)name, 0x1C0 /* 0700 */);
        if (result < 0) return result;
        int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        nint source = Syscall.Invoke(Syscall.OpenAt, from, (nint)name, flags);
        nint target = Syscall.Invoke(Syscall.OpenAt, to, (nint)name, flags);
        result = source < 0 ? source : target < 0 ? target : CopyEntries((int)source, (int)target, depth - 1);
        if (source >= 0) Close((int)source);
        if (target >= 0) Close((int)target);
        return result;
    }

    private static nint CopyFile(int from, int to, byte* name)
    {
        const int Chunk = 1 << 20;
        nint source = Syscall.Invoke(
            Syscall.OpenAt, from, (nint)name, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (source < 0) return source;
        nint target = Syscall.Invoke(
            Syscall.OpenAt, to, (nint)name, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC, 0x180 /* 0600 */);
        nint result = target;
        if (target >= 0)
        {
            do result = Syscall.Invoke(Syscall.Sendfile, target, source, 0, Chunk);
            while (result > 0 || result == -Errno.EINTR);
            Close((int)target);
        }

        Close((int)source);
        return result;
    }

    private static nint CopyLink(int from, int to, byte* name)
    {
        byte* link = stackalloc byte[PathLength];
        nint length = Syscall.Invoke(Syscall.ReadlinkAt, from, (nint)name, (nint)link, PathLength - 1);
        if (length < 0) return length;
        link[length] = 0;
        return Syscall.Invoke(Syscall.SymlinkAt, (nint)link, to, (nint)name);
    }

    /// <summary>Owner, mode and modification time. The mode comes after the owner, whose change clears set-id bits.</summary>
    private static nint CopyFacts(int directory, byte* name, LibC.statx_result* facts)
    {
        nint result = Syscall.Invoke(
            Syscall.FchownAt, directory, (nint)name, (nint)facts->User, (nint)facts->Group, LibC.AT_SYMLINK_NOFOLLOW);
        if (result < 0) return result;
        if ((facts->Mode & LibC.S_IFMT) != LibC.S_IFLNK)
        {
            result = Syscall.Invoke(Syscall.FchmodAt, directory, (nint)name, facts->Mode & 0xFFF);
            if (result < 0) return result;
        }

        LibC.timespec* times = stackalloc LibC.timespec[2];
        times[0] = new LibC.timespec { Nanoseconds = LibC.UTIME_OMIT };
        times[1] = new LibC.timespec { Seconds = facts->Modified.Seconds, Nanoseconds = facts->Modified.Nanoseconds };
        return Syscall.Invoke(Syscall.UtimensAt, directory, (nint)name, (nint)times, LibC.AT_SYMLINK_NOFOLLOW);
    }
}
