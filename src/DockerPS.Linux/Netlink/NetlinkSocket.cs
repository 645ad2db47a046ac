using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netlink;

/// <summary>A socket of netlink(7): requests and their answers, one at a time.</summary>
/// <param name="socket">Its descriptor.</param>
/// <param name="family">Name of the family, for messages.</param>
internal sealed unsafe class NetlinkSocket(int socket, string family) : IDisposable
{
    /// <summary>Flags of a request (NLM_F_…).</summary>
    public const ushort Request = 1, Acknowledge = 4, Dump = 0x300, Create = 0x400, Exclusive = 0x200, Replace = 0x100, Append = 0x800;

    public const int Route = 0, Netfilter = 12;
    private const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3, NLM_F_CAPPED = 0x100, NLM_F_ACK_TLVS = 0x200;
    private const int AF_NETLINK = 16, SOCK_RAW = 3, SOL_NETLINK = 270, NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11;
    private int _socket = socket;
    private uint _sequence;

    /// <summary>In the caller's network namespace.</summary>
    /// <param name="protocol"><see cref="Route"/> or <see cref="Netfilter"/>.</param>
    /// <param name="family">Its name.</param>
    /// <exception cref="LinuxException">EPROTONOSUPPORT: the kernel has none.</exception>
    public static NetlinkSocket Open(int protocol, string family)
    {
        nint socket = Syscall.Invoke(Syscall.Socket, AF_NETLINK, SOCK_RAW | LibC.SOCK_CLOEXEC, protocol);
        if (socket < 0) throw new LinuxException($"socket({family})", (int)-socket);
        // The kernel then says in words what it refuses, and does not repeat the request in front of them.
        int on = 1;
        foreach (int option in (ReadOnlySpan<int>)[NETLINK_CAP_ACK, NETLINK_EXT_ACK])
            Syscall.Invoke(Syscall.SetSockOpt, socket, SOL_NETLINK, option, (nint)(&on), sizeof(int));
        return new NetlinkSocket((int)socket, family);
    }

    public void Dispose() => LibC.Close(ref _socket);

    /// <summary>Sends, and reads answers up to the one that ends them.</summary>
    /// <param name="messages">One that is acknowledged or dumps, with what the kernel wants around it.</param>
    /// <param name="what">The request's name, for messages.</param>
    /// <param name="answer">Takes type and body of each answer.</param>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public void Ask(ReadOnlySpan<NetlinkMessage> messages, string what, Action<ushort, byte[]>? answer = null)
    {
        List<byte> request = [];
        uint first = _sequence + 1;
        foreach (NetlinkMessage message in messages) request.AddRange(message.ToBytes(++_sequence));
        int result = LibC.TryWrite(_socket, CollectionsMarshal.AsSpan(request));
        if (result < 0) throw new LinuxException($"{family}({what})", -result);
        // The kernel puts no more into one answer. On the heap each question would touch new pages, which a supervisor keeps.
        Span<byte> buffer = stackalloc byte[32 << 10];
        while (true)
        {
            nint length;
            fixed (byte* start = buffer) length = Syscall.Invoke(Syscall.Read, _socket, (nint)start, buffer.Length);
            if (length == -Errno.EINTR) continue;
            if (length <= 0) throw new LinuxException($"{family}({what})", (int)-length);
            for (ReadOnlySpan<byte> rest = buffer[..(int)length]; rest.Length >= 16;)
            {
                int size = MemoryMarshal.Read<int>(rest);
                if (size < 16 || size > rest.Length) break;
                ushort type = MemoryMarshal.Read<ushort>(rest[4..]);
                // A request that failed may have had more than one answer.
                if (MemoryMarshal.Read<uint>(rest[8..]) - first > (uint)messages.Length)
                {
                    rest = rest[Math.Min(rest.Length, (size + 3) & ~3)..];
                    continue;
                }

                if (type == NLMSG_DONE) return;
                if (type == NLMSG_ERROR)
                {
                    int errno = MemoryMarshal.Read<int>(rest[16..]);
                    if (errno == 0) return;
                    throw new LinuxException($"{family}({what}{Reason(rest[..size])})", -errno);
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
        return NetlinkMessage.Attributes(message[AttributesAt..]).TryGetValue(1, out byte[]? text)
            ? ": " + Encoding.UTF8.GetString(text).TrimEnd('\0')
            : "";
    }
}
