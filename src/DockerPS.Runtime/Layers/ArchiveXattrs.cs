using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>The extended attributes that belong into an image: file capabilities and the user's own.</summary>
internal static unsafe class ArchiveXattrs
{
    /// <summary>Sorted by name; null when there are none or the file system has none.</summary>
    public static List<(byte[] Name, byte[] Value)>? Of(int file)
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
            if ((name.SequenceEqual("security.capability"u8) || name.StartsWith("user."u8)) && Value(file, rest[..(end + 1)]) is { } value)
                (found ??= []).Add((name.ToArray(), value));
            rest = rest[(end + 1)..];
        }
        found?.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return found;
    }

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
