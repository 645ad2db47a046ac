using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netlink;

/// <summary>Interfaces, addresses and routes of one network namespace: the one in which the socket was opened (rtnetlink(7)).</summary>
public sealed unsafe partial class RouteSocket : IDisposable
{
    private const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3, NLM_F_CAPPED = 0x100, NLM_F_ACK_TLVS = 0x200;
    private const ushort Request = 1, Acknowledge = 4, Dump = 0x300, Create = 0x400, Exclusive = 0x200, Replace = 0x100;
    private const int AF_NETLINK = 16, SOCK_RAW = 3, SOL_NETLINK = 270, NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11;
    private int _socket;
    private uint _sequence;

    private RouteSocket(int socket) => _socket = socket;

    /// <summary>In the caller's network namespace.</summary>
    public static RouteSocket Open()
    {
        nint socket = Syscall.Invoke(Syscall.Socket, AF_NETLINK, SOCK_RAW | LibC.SOCK_CLOEXEC);
        if (socket < 0) throw new LinuxException("socket(netlink)", (int)-socket);
        // The kernel then says in words what it refuses, and does not repeat the request in front of them.
        int on = 1;
        foreach (int option in (ReadOnlySpan<int>)[NETLINK_CAP_ACK, NETLINK_EXT_ACK])
            Syscall.Invoke(Syscall.SetSockOpt, socket, SOL_NETLINK, option, (nint)(&on), sizeof(int));
        return new RouteSocket((int)socket);
    }

    /// <summary>In another one. The calling thread is there for a moment.</summary>
    /// <param name="networkNamespace">Descriptor of it.</param>
    public static RouteSocket Open(int networkNamespace) => NetworkNamespace.Open(networkNamespace, Open);

    public void Dispose() => LibC.Close(ref _socket);

    /// <summary>Sends, and reads answers up to the one that ends them.</summary>
    private void Ask(RouteMessage message, string what, Action<ushort, byte[]>? answer)
    {
        int result = LibC.TryWrite(_socket, message.ToBytes(++_sequence));
        if (result < 0) throw new LinuxException($"rtnetlink({what})", -result);
        byte[] buffer = new byte[65536];
        while (true)
        {
            nint length;
            fixed (byte* start = buffer) length = Syscall.Invoke(Syscall.Read, _socket, (nint)start, buffer.Length);
            if (length == -Errno.EINTR) continue;
            if (length <= 0) throw new LinuxException($"rtnetlink({what})", (int)-length);
            for (ReadOnlySpan<byte> rest = buffer.AsSpan(0, (int)length); rest.Length >= 16;)
            {
                int size = MemoryMarshal.Read<int>(rest);
                if (size < 16 || size > rest.Length) break;
                ushort type = MemoryMarshal.Read<ushort>(rest[4..]);
                if (type == NLMSG_DONE) return;
                if (type == NLMSG_ERROR)
                {
                    int errno = MemoryMarshal.Read<int>(rest[16..]);
                    if (errno == 0) return;
                    throw new LinuxException($"rtnetlink({what}{Reason(rest[..size])})", -errno);
                }

                answer?.Invoke(type, rest[16..size].ToArray());
                rest = rest[Math.Min(rest.Length, (size + 3) & ~3)..];
            }
        }
    }

    /// <summary>The kernel's own words about an error (struct nlmsgerr's NLMSGERR_ATTR_MSG), or nothing.</summary>
    private static string Reason(ReadOnlySpan<byte> message)
    {
        const int AttributesAt = 16 + 4 + 16;
        ushort flags = MemoryMarshal.Read<ushort>(message[6..]);
        if ((flags & (NLM_F_ACK_TLVS | NLM_F_CAPPED)) != (NLM_F_ACK_TLVS | NLM_F_CAPPED) || message.Length < AttributesAt) return "";
        return RouteMessage.Attributes(message[AttributesAt..]).TryGetValue(1, out byte[]? text)
            ? ": " + Encoding.UTF8.GetString(text).TrimEnd('\0')
            : "";
    }
}
