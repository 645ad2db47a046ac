using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>Extended attributes for an archive. Into an image belong file capabilities and the user's own.</summary>
internal static unsafe class ArchiveXattrs
{
    /// <summary>Sorted by name; null when there are none or the file system has none.</summary>
    /// <param name="file">An open file or directory.</param>
    /// <param name="all">Also access control lists and others that a file has wherever it is.</param>
    public static List<(byte[] Name, byte[] Value)>? Of(int file, bool all = false)
    {
        nint length = LibC.flistxattr(file, null, 0);
        if (length <= 0) return null;
        byte[] list = new byte[length];
        fixed (byte* buffer = list) length = LibC.flistxattr(file, buffer, (nuint)list.Length);
        if (length < 0) throw new LinuxException("listxattr", Marshal.GetLastPInvokeError());
        List<(byte[] Name, byte[] Value)>? found = null;
        for (ReadOnlySpan<byte> rest = list.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> name = rest[..end];
            if ((all ? IsMovable(name) : name.SequenceEqual("security.capability"u8) || name.StartsWith("user."u8)) && Value(file, rest[..(end + 1)]) is { } value)
                (found ??= []).Add((name.ToArray(), value));
            rest = rest[(end + 1)..];
        }
        found?.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return found;
    }

    /// <summary>Not what steers overlay, labels a place or signs a file on this machine.</summary>
    private static bool IsMovable(ReadOnlySpan<byte> name) => !name.StartsWith("trusted.overlay."u8)
        && !name.SequenceEqual("security.selinux"u8) && !name.SequenceEqual("security.ima"u8) && !name.SequenceEqual("security.evm"u8);

    private static byte[]? Value(int file, ReadOnlySpan<byte> name)
    {
        byte[] value = new byte[64 << 10];
        nint length;
        fixed (byte* pointer = name, buffer = value) length = LibC.fgetxattr(file, pointer, buffer, (nuint)value.Length);
        if (length >= 0) return value[..(int)length];
        int errno = Marshal.GetLastPInvokeError();
        return errno == Errno.ENODATA ? null : throw new LinuxException("getxattr", errno);
    }
}
