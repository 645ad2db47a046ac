using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>Sockets of the internet protocols (ip(7), ipv6(7)), splice(2) and epoll(7). All descriptors are close-on-exec and do not block.</summary>
public static unsafe partial class LibC
{
    public const int AF_INET = 2, AF_INET6 = 10, SOCK_DGRAM = 2, SHUT_WR = 1;
    public const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4, SO_RCVLOWAT = 18, IPPROTO_TCP = 6, TCP_NODELAY = 1, TCP_CONGESTION = 13;
    public const int IPPROTO_IPV6 = 41, IPV6_V6ONLY = 26;
    public const uint EPOLLIN = 1, EPOLLOUT = 4, EPOLLERR = 8, EPOLLHUP = 16, EPOLLRDHUP = 0x2000;
    private const int SocketAddressLength = 28, SPLICE_F_MOVE = 1, SPLICE_F_NONBLOCK = 2, MSG_NOSIGNAL = 0x4000;
    private const int EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;

    /// <summary>struct epoll_event: packed on x86-64, as C has it there.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct PackedEvent
    {
        public uint Events;
        public int Descriptor, Unused;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PaddedEvent
    {
        public uint Events;
        public long Descriptor;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int fd, byte* address, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int fd, byte* address, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, void* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(int fd, byte* bytes, nint length, int flags, byte* address, int addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(int fd, byte* bytes, nint length, int flags, byte* address, int* addressLength);

    [LibraryImport("libc")]
    public static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, void* change);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, void* ready, int count, int timeout);

    /// <summary>A socket of an address's version.</summary>
    /// <param name="address">Which says the version.</param>
    /// <param name="datagrams">UDP, else TCP.</param>
    public static int InternetSocket(IPAddress address, bool datagrams)
    {
        int family = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET;
        int fd = socket(family, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return fd >= 0 ? fd : throw Failure("socket(internet)");
    }

    /// <summary>A socket that is bound, and listens when it is one of TCP.</summary>
    /// <exception cref="LinuxException">EADDRINUSE, EADDRNOTAVAIL, EACCES.</exception>
    public static int BindInternet(IPEndPoint local, bool datagrams)
    {
        int fd = InternetSocket(local.Address, datagrams);
        try
        {
            // An ended server's connections do not keep the next one out; with UDP two would share the port.
            if (!datagrams) SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            if (local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            byte* address = stackalloc byte[SocketAddressLength];
            if (bind(fd, address, Fill(local, address)) != 0) throw Failure($"bind({local})");
            if (!datagrams && listen(fd, 4096) != 0) throw Failure($"listen({local})");
            return fd;
        }
        catch
        {
            Close(ref fd);
            throw;
        }
    }

    /// <summary>Begins to connect; 0, or minus errno, of which -EINPROGRESS says that it is under way.</summary>
    public static int TryConnect(int fd, IPEndPoint remote)
    {
        byte* address = stackalloc byte[SocketAddressLength];
        int length = Fill(remote, address);
        while (connect(fd, address, length) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR) return -errno;
        }

        return 0;
    }

    /// <summary>The port that a socket is bound to.</summary>
    public static int PortOf(int fd)
    {
        byte* address = stackalloc byte[SocketAddressLength];
        int length = SocketAddressLength;
        if (getsockname(fd, address, &length) != 0) throw Failure("getsockname()");
        return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(address + 2, 2));
    }

    /// <summary>Why a connection failed: 0, or errno.</summary>
    public static int SocketError(int fd)
    {
        int error = 0, length = sizeof(int);
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    public static void SetOption(int fd, int level, int name, int value) => _ = setsockopt(fd, level, name, &value, sizeof(int));

    /// <summary>Sets an option whose value is a word; false when the kernel does not know or allow it.</summary>
    public static bool TrySetOption(int fd, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value) return setsockopt(fd, level, name, bytes, value.Length) == 0;
    }

    /// <summary>Whether the other end of a connection is of this machine's loopback.</summary>
    public static bool IsFromLoopback(int fd)
    {
        byte* address = stackalloc byte[SocketAddressLength];
        int length = SocketAddressLength;
        return getpeername(fd, address, &length) == 0 && IPAddress.IsLoopback(Read(address).Address);
    }

    /// <summary>Takes a connection; minus errno when none waits.</summary>
    public static int TryAccept(int listener)
    {
        int fd = accept4(listener, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
        return fd >= 0 ? fd : -Marshal.GetLastPInvokeError();
    }

    /// <summary>A datagram's length and sender; minus errno when none waits.</summary>
    public static int TryReceiveFrom(int fd, Span<byte> buffer, out IPEndPoint? sender)
    {
        byte* address = stackalloc byte[SocketAddressLength];
        int addressLength = SocketAddressLength;
        sender = null;
        nint length;
        fixed (byte* bytes = buffer) length = recvfrom(fd, bytes, buffer.Length, 0, address, &addressLength);
        if (length < 0) return -Marshal.GetLastPInvokeError();
        sender = Read(address);
        return (int)length;
    }

    /// <summary>Sends a datagram; null sends to whom the socket is connected to. Its length, or minus errno.</summary>
    public static int TrySendTo(int fd, ReadOnlySpan<byte> datagram, IPEndPoint? receiver)
    {
        byte* address = stackalloc byte[SocketAddressLength];
        int addressLength = receiver is null ? 0 : Fill(receiver, address);
        nint length;
        fixed (byte* bytes = datagram) length = sendto(fd, bytes, datagram.Length, MSG_NOSIGNAL, receiver is null ? null : address, addressLength);
        return length >= 0 ? (int)length : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Moves bytes between a pipe and a socket without copying them; how many, 0 at the end, or minus errno.</summary>
    public static int TrySplice(int from, int to, int length)
    {
        nint moved = splice(from, null, to, null, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        return moved >= 0 ? (int)moved : -Marshal.GetLastPInvokeError();
    }

    public static int Epoll()
    {
        int fd = epoll_create1(O_CLOEXEC);
        return fd >= 0 ? fd : throw Failure("epoll_create1()");
    }

    /// <summary>Watches a descriptor, or watches for other events than before.</summary>
    public static void EpollSet(int epoll, int fd, uint events, bool add)
    {
        PackedEvent packed = new() { Events = events, Descriptor = fd };
        PaddedEvent padded = new() { Events = events, Descriptor = fd };
        void* change = Packed ? &packed : &padded;
        if (epoll_ctl(epoll, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, change) != 0) throw Failure("epoll_ctl()");
    }

    public static void EpollRemove(int epoll, int fd) => _ = epoll_ctl(epoll, EPOLL_CTL_DEL, fd, null);

    /// <summary>What is ready, without waiting.</summary>
    public static int EpollReady(int epoll, Span<(int Descriptor, uint Events)> ready)
    {
        const int Most = 64;
        PaddedEvent* events = stackalloc PaddedEvent[Most];
        int count = epoll_wait(epoll, events, Math.Min(Most, ready.Length), 0);
        for (int i = 0; i < count; i++)
        {
            ready[i] = Packed
                ? (((PackedEvent*)events)[i].Descriptor, ((PackedEvent*)events)[i].Events)
                : ((int)events[i].Descriptor, events[i].Events);
        }

        return Math.Max(count, 0);
    }

    private static bool Packed => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>struct sockaddr_in or sockaddr_in6; returns its length.</summary>
    private static int Fill(IPEndPoint endPoint, byte* address)
    {
        var bytes = new Span<byte>(address, SocketAddressLength);
        bytes.Clear();
        bool six = endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        MemoryMarshal.Write(bytes, (ushort)(six ? AF_INET6 : AF_INET));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(bytes[(six ? 8 : 4)..], out _);
        if (six) MemoryMarshal.Write(bytes[24..], (uint)endPoint.Address.ScopeId);
        return six ? SocketAddressLength : 16;
    }

    private static IPEndPoint Read(byte* address)
    {
        var bytes = new ReadOnlySpan<byte>(address, SocketAddressLength);
        bool six = MemoryMarshal.Read<ushort>(bytes) == AF_INET6;
        var ip = six ? new IPAddress(bytes.Slice(8, 16), MemoryMarshal.Read<uint>(bytes[24..])) : new IPAddress(bytes.Slice(4, 4));
        return new IPEndPoint(ip, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
    }
}
