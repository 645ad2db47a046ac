using System.Runtime.InteropServices;

namespace DockerPS.Linux.Netlink;

/// <summary>Queues of what an interface sends (tc(8)): one that limits its rate and one that delays.</summary>
public sealed partial class RouteSocket
{
    /// <summary>The place at the interface itself; below another queue it is that one's handle with 1 added.</summary>
    public const uint Root = 0xFFFFFFFF;

    private const ushort RTM_NEWQDISC = 36, RTM_DELQDISC = 37, TCA_KIND = 1, TCA_OPTIONS = 2;
    private const ushort TCA_TBF_PARMS = 1, TCA_TBF_RATE64 = 4, TCA_TBF_BURST = 6, TCA_NETEM_LATENCY64 = 10, TCA_NETEM_JITTER64 = 11;
    private const int TrafficLength = 20, TokenBucketLength = 36, DelayLength = 24;

    /// <summary>A token bucket (tc-tbf(8)): what comes faster waits, as long as there is room.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="handle">Names the queue; its lower half is 0.</param>
    /// <param name="parent"><see cref="Root"/>, or a place below another.</param>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <param name="mtu">Largest packet of the interface.</param>
    /// <exception cref="LinuxException">ENOENT: the kernel has none; EEXIST: somebody else has the place.</exception>
    public void AddRateLimit(int index, uint handle, uint parent, long bytesPerSecond, int mtu)
    {
        const int LinkLayerAt = 1, RateAt = 8, LimitAt = 24, Ethernet = 1;
        // As much at once as ten milliseconds bring, and at least a packet; what waits, waits a fifth of a second at most, or ten packets.
        uint burst = (uint)Math.Clamp(bytesPerSecond / 100, 2 * mtu, int.MaxValue / 2);
        uint limit = burst + (uint)Math.Clamp(bytesPerSecond / 5, 10 * mtu, int.MaxValue / 2);
        byte[] parameters = new byte[TokenBucketLength];
        parameters[LinkLayerAt] = Ethernet;
        MemoryMarshal.Write(parameters.AsSpan(RateAt), (uint)Math.Min(bytesPerSecond, uint.MaxValue));
        MemoryMarshal.Write(parameters.AsSpan(LimitAt), limit);
        NetlinkMessage message = Queue(index, handle, parent, "tbf");
        int options = message.Begin(TCA_OPTIONS);
        message.Attribute(TCA_TBF_PARMS, parameters);
        message.Attribute(TCA_TBF_BURST, (int)burst);
        if (bytesPerSecond > uint.MaxValue) message.Attribute(TCA_TBF_RATE64, BitConverter.GetBytes(bytesPerSecond));
        message.End(options);
        Ask(message, "add qdisc tbf", null);
    }

    /// <summary>A delay of each packet (tc-netem(8)).</summary>
    /// <param name="index">The interface.</param>
    /// <param name="handle">Names the queue; its lower half is 0.</param>
    /// <param name="parent"><see cref="Root"/>, or a place below another.</param>
    /// <param name="delay">Nanoseconds.</param>
    /// <param name="jitter">Nanoseconds more or less.</param>
    /// <exception cref="LinuxException">ENOENT: the kernel has none (module sch_netem).</exception>
    public void AddDelay(int index, uint handle, uint parent, long delay, long jitter)
    {
        const int LimitAt = 4;
        const uint MostPackets = 10_000;
        byte[] parameters = new byte[DelayLength];
        MemoryMarshal.Write(parameters.AsSpan(LimitAt), MostPackets);
        NetlinkMessage message = Queue(index, handle, parent, "netem");
        int options = message.Begin(TCA_OPTIONS, parameters);
        message.Attribute(TCA_NETEM_LATENCY64, BitConverter.GetBytes(delay));
        message.Attribute(TCA_NETEM_JITTER64, BitConverter.GetBytes(jitter));
        message.End(options);
        Ask(message, "add qdisc netem", null);
    }

    /// <summary>Removes the queue of an interface with what is below it, when it has this name; else nothing.</summary>
    public void DeleteQueue(int index, uint handle)
    {
        try
        {
            Ask(new NetlinkMessage(RTM_DELQDISC, Request | Acknowledge, TrafficHead(index, handle, Root)), "delete qdisc", null);
        }
        catch (LinuxException e) when (e.Number is Errno.ENOENT or Errno.EINVAL)
        {
            // There is none, or another.
        }
    }

    private static NetlinkMessage Queue(int index, uint handle, uint parent, string kind)
    {
        var message = new NetlinkMessage(RTM_NEWQDISC, Request | Acknowledge | Create | Exclusive, TrafficHead(index, handle, parent));
        message.Attribute(TCA_KIND, kind);
        return message;
    }

    /// <summary>struct tcmsg.</summary>
    private static byte[] TrafficHead(int index, uint handle, uint parent)
    {
        byte[] body = new byte[TrafficLength];
        MemoryMarshal.Write(body.AsSpan(4), index);
        MemoryMarshal.Write(body.AsSpan(8), handle);
        MemoryMarshal.Write(body.AsSpan(12), parent);
        return body;
    }
}
