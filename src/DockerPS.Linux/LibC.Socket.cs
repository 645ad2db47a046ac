using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux;

/// <summary>Local sockets that are connected to, and descriptors sent through them (unix(7), cmsg(3)).</summary>
public static unsafe partial class LibC
{
    private const int UnixPathLength = 108;

    /// <summary>struct msghdr of sendmsg(2) and recvmsg(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Vectors;
        public nint VectorCount;
        public nint Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary>A control message with one descriptor: struct cmsghdr (length, level, type), the descriptor, padding to eight bytes.</summary>
    public const int DescriptorMessageLength = 24;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    /// <summary>A blocking stream connected to a listening local socket, close-on-exec; or minus errno.</summary>
    /// <param name="path">In the file system; with <c>@</c> in front in the abstract name space.</param>
    public static int TryConnectUnix(string path)
    {
        int directory = -1;
        try
        {
            byte* address = stackalloc byte[2 + UnixPathLength];
            int length = UnixAddress(AddressablePath(path, ref directory), address);
            int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (fd < 0) return -Marshal.GetLastPInvokeError();
            while (connect(fd, address, length) != 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR) continue;
                _ = close(fd);
                return -errno;
            }

            return fd;
        }
        catch (LinuxException e)
        {
            return -e.Number;
        }
        finally
        {
            Close(ref directory);
        }
    }

    /// <summary>
    /// The path, or another to the same file when it is longer than an address takes, as dockerd's directories are: by way of
    /// <paramref name="directory"/>, which the caller closes when it has used the path.
    /// </summary>
    /// <exception cref="LinuxException">There is no such directory.</exception>
    private static string AddressablePath(string path, ref int directory)
    {
        if (Encoding.UTF8.GetByteCount(path) < UnixPathLength) return path;
        directory = Open(Path.GetDirectoryName(path)!, O_PATH | O_DIRECTORY);
        return $"/proc/self/fd/{directory}/{Path.GetFileName(path)}";
    }

    /// <summary>Sends bytes with a descriptor of ours, of which the receiver gets a copy.</summary>
    public static void SendDescriptor(int socket, ReadOnlySpan<byte> bytes, int descriptor)
    {
        byte* control = stackalloc byte[DescriptorMessageLength];
        WriteDescriptorMessage(control, descriptor);
        fixed (byte* body = bytes)
        {
            iovec part = new() { Base = body, Length = (nuint)bytes.Length };
            MessageHeader header = new()
            {
                Vectors = (nint)(&part), VectorCount = 1, Control = (nint)control, ControlLength = DescriptorMessageLength,
            };
            while (sendmsg(socket, &header, 0x4000 /* MSG_NOSIGNAL */) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw Failure("sendmsg(SCM_RIGHTS)");
            }
        }
    }

    /// <summary>Takes one descriptor with whatever bytes come along, close-on-exec; -1 when there is none.</summary>
    public static int ReceiveDescriptor(int socket)
    {
        const int CloseOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
        byte* bytes = stackalloc byte[4096];
        byte* control = stackalloc byte[DescriptorMessageLength];
        new Span<byte>(control, DescriptorMessageLength).Clear();
        iovec part = new() { Base = bytes, Length = 4096 };
        while (true)
        {
            MessageHeader header = new()
            {
                Vectors = (nint)(&part), VectorCount = 1, Control = (nint)control, ControlLength = DescriptorMessageLength,
            };
            nint length = recvmsg(socket, &header, CloseOnExec);
            if (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR) continue;
            return length > 0 && header.ControlLength >= 20 ? *(int*)(control + 16) : -1;
        }
    }

    /// <summary>Fills a control message of <see cref="DescriptorMessageLength"/> bytes.</summary>
    public static void WriteDescriptorMessage(byte* control, int descriptor)
    {
        const int SOL_SOCKET = 1, SCM_RIGHTS = 1;
        *(nint*)control = 20;
        *(int*)(control + 8) = SOL_SOCKET;
        *(int*)(control + 12) = SCM_RIGHTS;
        *(int*)(control + 16) = descriptor;
        *(int*)(control + 20) = 0;
    }

    /// <summary>Fills struct sockaddr_un; returns its length.</summary>
    private static int UnixAddress(string path, byte* address)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length >= UnixPathLength)
            throw new LinuxException($"bind({path}): a socket's path has at most {UnixPathLength - 1} bytes", Errno.ENAMETOOLONG);
        new Span<byte>(address, 2 + UnixPathLength).Clear();
        *(ushort*)address = AF_UNIX;
        Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, UnixPathLength));
        if (path[0] != '@') return 2 + length + 1;
        address[2] = 0;
        return 2 + length;
    }
}
