using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Faults;

/// <summary>
/// Rate and latency of a container in a network, by queues at both ends of its cable: what it sends waits inside, what it gets on the host.
/// An interface has nothing in place of ours else, for the kernel gives cables no queue.
/// </summary>
internal static class FaultQueues
{
    private const uint Handle = 0xD05C_0000, InnerHandle = 0xD05D_0000;
    private const int SmallestMtu = 1500;
    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>Sets both, or takes away what is null.</summary>
    /// <exception cref="RuntimeFailureException">The kernel has no such queue, or the interface is gone.</exception>
    public static void Set(SuperviseNetwork network, int pid, SuperviseFault? rate, SuperviseFault? latency)
    {
        int inside = -1;
        try
        {
            inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
            using RouteSocket outer = RouteSocket.Open(), inner = RouteSocket.Open(inside);
            Set(inner, network.Interface, Math.Max(network.Mtu, SmallestMtu), rate, latency);
            // Latency one way makes the round trip that much longer, and not twice as much. A macvlan has no end on the host.
            if (network.HostInterface.Length > 0 && network.Driver == "bridge")
                Set(outer, network.HostInterface, Math.Max(network.Mtu, SmallestMtu), rate, null);
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Network, e);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    private static void Set(RouteSocket routes, string name, int mtu, SuperviseFault? rate, SuperviseFault? latency)
    {
        if (routes.Find(name) is not { } link)
        {
            if (rate is null && latency is null) return;
            throw new RuntimeFailureException(RuntimeStages.Network, $"The interface {name} is not there any more.", $"find {name}", Errno.ENODEV);
        }

        routes.DeleteQueue(link.Index, Handle);
        uint parent = RouteSocket.Root;
        if (latency is not null)
        {
            Try(RuntimeStages.FaultLatency, () => routes.AddDelay(
                link.Index, Handle, parent, latency.Value * NanosecondsPerMicrosecond, latency.Jitter * NanosecondsPerMicrosecond));
            parent = Handle + 1;
        }

        if (rate is null) return;
        uint handle = parent == RouteSocket.Root ? Handle : InnerHandle;
        Try(RuntimeStages.FaultRate, () => routes.AddRateLimit(link.Index, handle, parent, Math.Max(1, rate.Value / 8), mtu));
    }

    private static void Try(string stage, Action add)
    {
        try
        {
            add();
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(stage, e);
        }
    }
}
