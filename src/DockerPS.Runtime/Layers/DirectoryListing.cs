using System.Runtime.InteropServices;
using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>Names in an open directory, as bytes.</summary>
internal static unsafe class DirectoryListing
{
    /// <summary>All names except <c>.</c> and <c>..</c>, without NUL, in the order of the file system.</summary>
    public static List<byte[]> Names(int directory)
    {
        var names = new List<byte[]>();
        byte[] buffer = new byte[32 << 10];
        if (LibC.lseek(directory, 0, LibC.SEEK_SET) < 0) throw new LinuxException("lseek", Marshal.GetLastPInvokeError());
        fixed (byte* entries = buffer)
        {
            while (true)
            {
                nint read = LibC.getdents64(directory, entries, (nuint)buffer.Length);
                if (read < 0) throw new LinuxException("getdents64", Marshal.GetLastPInvokeError());
                if (read == 0) return names;
                for (byte* entry = entries; entry < entries + read; entry += *(ushort*)(entry + 16))
                {
                    ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19);
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(name.ToArray());
                }
            }
        }
    }

    public static bool IsDirectory(int directory, ReadOnlySpan<byte> name)
    {
        LibC.statx_result status;
        fixed (byte* pointer = NativePath.Terminate(name))
            return LibC.statx(directory, pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) == 0
                && (status.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
    }
}
