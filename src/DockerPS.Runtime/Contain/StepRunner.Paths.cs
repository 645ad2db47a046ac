using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Paths below the root, each resolved by the kernel to a descriptor that cannot be outside, whatever the image links where.</summary>
internal static unsafe partial class StepRunner
{
    private const int PathLength = 4096, DescriptorPathLength = 32, Links = 40;

    /// <summary>What to make when a path below the root is not there.</summary>
    private enum Missing
    {
        Fails,
        Directory,
        File,
    }

    /// <summary>A descriptor of a path below the root, or -errno. Missing parts are made one by one, each below the root.</summary>
    private static nint Resolve(int root, byte* path, Missing missing, ulong resolve = 0, int links = Links)
    {
        while (*path == (byte)'/') path++;
        fixed (byte* here = ".\0"u8)
        {
            if (*path == 0) return LibC.OpenInRoot(root, here, LibC.O_PATH);
            nint fd = LibC.OpenInRoot(root, path, LibC.O_PATH, resolve);
            if (fd != -Errno.ENOENT || missing == Missing.Fails) return fd;
            byte* prefix = stackalloc byte[PathLength];
            int length = Copy(prefix, path);
            if (length < 0) return length;
            // Most often only the last part is missing: walk back to what is there, then forward again.
            int known = length;
            nint parent = -Errno.ENOENT;
            while (parent == -Errno.ENOENT)
            {
                while (known > 0 && prefix[known] != (byte)'/') known--;
                prefix[known] = 0;
                parent = LibC.OpenInRoot(root, known > 0 ? prefix : here, LibC.O_PATH | LibC.O_DIRECTORY, known > 0 ? resolve : 0);
                if (known == 0) break;
            }

            return parent < 0 ? parent : MakeBelow(root, (int)parent, path, known, length, missing, resolve, links);
        }
    }

    /// <summary>Makes what follows a known prefix of a path, one part at a time. Closes the parent.</summary>
    private static nint MakeBelow(
        int root, int parent, byte* path, int known, int length, Missing missing, ulong resolve, int links)
    {
        byte* prefix = stackalloc byte[PathLength];
        while (true)
        {
            int name = known == 0 ? 0 : known + 1, end = name;
            while (path[end] != 0 && path[end] != (byte)'/') end++;
            bool last = end == length;
            for (int i = 0; i < end; i++) prefix[i] = path[i];
            prefix[end] = 0;
            nint made = last && missing == Missing.File
                ? Syscall.Invoke(Syscall.MknodAt, parent, (nint)(prefix + name), 0x81A4 /* S_IFREG | 0644 */)
                : Syscall.Invoke(Syscall.MkdirAt, parent, (nint)(prefix + name), 0x1ED /* 0755 */);
            nint fd = made < 0 && made != -Errno.EEXIST
                ? made
                : LibC.OpenInRoot(root, prefix, last ? LibC.O_PATH : LibC.O_PATH | LibC.O_DIRECTORY, resolve);
            if (fd == -Errno.ENOENT && made == -Errno.EEXIST)
            {
                // A link that leads nowhere yet, as /etc/resolv.conf often is: what it names is made instead.
                fd = links > 0 ? MakeBehindLink(root, parent, path, name, end, missing, links - 1) : -Errno.ELOOP;
                last = true;
            }

            Close(parent);
            if (fd < 0 || last) return fd;
            parent = (int)fd;
            known = end;
        }
    }

    /// <summary>Resolves a path again with the link in it replaced by what it says.</summary>
    private static nint MakeBehindLink(int root, int parent, byte* path, int name, int end, Missing missing, int links)
    {
        byte* link = stackalloc byte[PathLength], full = stackalloc byte[PathLength];
        byte* part = stackalloc byte[256];
        if (end - name > 255) return -Errno.ENAMETOOLONG;
        for (int i = name; i < end; i++) part[i - name] = path[i];
        part[end - name] = 0;
        nint said = Syscall.Invoke(Syscall.ReadlinkAt, parent, (nint)part, (nint)link, PathLength - 1);
        if (said < 0) return said;
        link[said] = 0;
        int length = 0;
        if (link[0] != (byte)'/')
        {
            for (; length < name; length++) full[length] = path[length];
        }

        for (int i = 0; i < said && length < PathLength - 1; i++) full[length++] = link[i];
        for (int i = end; path[i] != 0 && length < PathLength - 1; i++) full[length++] = path[i];
        if (length >= PathLength - 1) return -Errno.ENAMETOOLONG;
        full[length] = 0;
        return Resolve(root, full, missing, 0, links);
    }

    /// <summary>A descriptor of the directory above a path below the root, which is made when missing.</summary>
    private static nint ResolveParent(int root, byte* path, out byte* name)
    {
        int slash = -1, length = 0;
        for (; path[length] != 0; length++)
        {
            if (path[length] == (byte)'/') slash = length;
        }

        name = path + slash + 1;
        if (slash >= PathLength - 1) return -Errno.ENAMETOOLONG;
        byte* parent = stackalloc byte[PathLength];
        for (int i = 0; i < slash; i++) parent[i] = path[i];
        parent[Math.Max(slash, 0)] = 0;
        return Resolve(root, parent, Missing.Directory);
    }

    private static int Copy(byte* to, byte* from)
    {
        int length = 0;
        for (; from[length] != 0; length++)
        {
            if (length == PathLength - 1) return -Errno.ENAMETOOLONG;
            to[length] = from[length];
        }

        to[length] = 0;
        return length;
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

    /// <summary>What a descriptor stands for; the number is -errno on failure.</summary>
    private static nint Stat(int fd, LibC.statx_result* facts)
    {
        fixed (byte* empty = "\0"u8) return StatAt(fd, empty, LibC.AT_EMPTY_PATH, facts);
    }

    private static nint StatAt(int directory, byte* path, int flags, LibC.statx_result* facts) =>
        Syscall.Invoke(Syscall.Statx, directory, (nint)path, flags, (nint)LibC.STATX_BASIC_STATS, (nint)facts);
}
