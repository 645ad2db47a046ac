using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Cgroups;

/// <summary>
/// The small files of a cgroup. A value is given in one write(2) and read in few read(2)s; System.IO's streams would add
/// several system calls to each, and there are dozens of these files in a container's birth.
/// </summary>
internal static unsafe partial class CgroupFile
{
    private const int ReadOnly = 0, WriteOnly = 1, CloseOnExec = 0x80000, PathOnly = 0x200000;

    private static int DirectoryFlag =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nint count);

    /// <summary>A descriptor for writing, or -1 with the reason.</summary>
    public static int TryOpenForWriting(string path, out int errno) => TryOpen(path, WriteOnly | CloseOnExec, out errno);

    /// <summary>A descriptor that only names the directory, for clone3 and bpf(2).</summary>
    public static int OpenDirectory(string path, bool readable)
    {
        int flags = DirectoryFlag | CloseOnExec | (readable ? ReadOnly : PathOnly);
        int descriptor = TryOpen(path, flags, out int errno);
        return descriptor >= 0 ? descriptor : throw new LinuxException($"open({path})", errno);
    }

    public static void Close(int descriptor) => CloseDescriptor(descriptor);

    /// <summary>Writes the whole value at once, as the kernel's parsers demand; 0 or errno.</summary>
    public static int TryWrite(int descriptor, string value)
    {
        int size = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = size <= 512 ? stackalloc byte[size] : new byte[size];
        int length = Encoding.UTF8.GetBytes(value, bytes);
        fixed (byte* first = bytes)
        {
            while (Write(descriptor, first, length) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR) return errno;
            }
        }
        return 0;
    }

    /// <summary>0 or errno.</summary>
    public static int TryWrite(string path, string value)
    {
        int descriptor = TryOpenForWriting(path, out int errno);
        if (descriptor < 0) return errno;
        errno = TryWrite(descriptor, value);
        CloseDescriptor(descriptor);
        return errno;
    }

    public static void Write(string path, string value)
    {
        int errno = TryWrite(path, value);
        if (errno != 0) throw new LinuxException($"write({path}, \"{value}\")", errno);
    }

    /// <summary>The file's bytes; null with the reason when it cannot be read.</summary>
    public static byte[]? TryReadBytes(string path, out int errno)
    {
        int descriptor = TryOpen(path, ReadOnly | CloseOnExec, out errno);
        if (descriptor < 0) return null;
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            // Text that the kernel makes on reading comes in pieces of a page at most: read on until nothing comes.
            if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 4);
            nint count;
            fixed (byte* first = buffer) count = Read(descriptor, first + length, buffer.Length - length);
            if (count > 0)
            {
                length += (int)count;
                continue;
            }
            errno = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno == Errno.EINTR) continue;
            break;
        }
        CloseDescriptor(descriptor);
        if (errno != 0) return null;
        Array.Resize(ref buffer, length);
        return buffer;
    }

    /// <summary>The file's text without its last line end; null when it cannot be read.</summary>
    public static string? TryRead(string path) =>
        TryReadBytes(path, out _) is { } bytes ? Encoding.UTF8.GetString(bytes).TrimEnd('\n') : null;

    /// <summary>The number in the file; -1 for <c>max</c> and for v1's "no limit"; null when there is no such file.</summary>
    public static long? TryReadNumber(string path) => ParseNumber(TryRead(path));

    public static long? ParseNumber(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return null;
        if (text.SequenceEqual("max")) return -1;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) return null;
        // v1 writes "unlimited" as the largest multiple of the page size in a long.
        return number >= long.MaxValue - 0xFFFF ? -1 : (long)number;
    }

    /// <summary>The number behind a key in a file of <c>key value</c> lines.</summary>
    public static long? TryReadKey(string path, string key)
    {
        ReadOnlySpan<char> rest = TryRead(path);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal))
                return ParseNumber(line[(key.Length + 1)..]);
        }
        return null;
    }

    private static int TryOpen(string path, int flags, out int errno)
    {
        int descriptor;
        do
        {
            descriptor = Open(path, flags, 0);
            errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (errno == Errno.EINTR);
        return descriptor;
    }
}
