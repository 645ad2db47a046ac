using System.Diagnostics;
using System.Globalization;
using System.Net;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>Tries a port from within a container, and says why it is not reached.</summary>
/// <param name="from">Who tries.</param>
/// <param name="to">Whose port it is; null when it is of something outside.</param>
/// <param name="udp">UDP, else TCP.</param>
/// <param name="patience">How long an answer is waited for.</param>
internal sealed class PortProbe(ContainerEnd from, ContainerEnd? to, bool udp, TimeSpan patience)
{
    /// <summary>Of UDP silence is the best that there is, so it is not waited for long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    public (bool Passed, string Text) Try(IPEndPoint target)
    {
        int fd = from.Socket(target.Address, udp);
        try
        {
            return udp ? Send(fd, target) : Connect(fd, target);
        }
        finally
        {
            LibC.Close(ref fd);
        }
    }

    private (bool, string) Connect(int fd, IPEndPoint target)
    {
        long begun = Stopwatch.GetTimestamp();
        int error = -LibC.TryConnect(fd, target);
        if (error == Errno.EINPROGRESS) error = Readiness.Await(fd, LibC.POLLOUT, patience) ? LibC.SocketError(fd) : Errno.ETIMEDOUT;
        double milliseconds = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return error == 0
            ? (true, string.Create(CultureInfo.InvariantCulture, $"{target} accepted a connection within {milliseconds:0.0} ms."))
            : (false, Explain(error, target));
    }

    private (bool, string) Send(int fd, IPEndPoint target)
    {
        int error = -LibC.TryConnect(fd, target);
        if (error == 0) error = Math.Max(0, -LibC.TrySendTo(fd, "\n"u8, null));
        if (error == 0 && Readiness.Await(fd, LibC.POLLIN, patience < Silence ? patience : Silence))
        {
            error = Math.Max(0, -LibC.TryReceiveFrom(fd, new byte[1], out _));
            if (error == 0) return (true, $"{target} answered.");
        }

        if (error != 0) return (false, Explain(error, target));
        return to is not null && ListeningPorts.Of(to.Pid, udp: true).Exists(p => p.Port == target.Port)
            ? (true, $"A program in '{to.Name}' has port {target.Port}/udp, and nobody refused; whether it got the datagram it does not say.")
            : (true, $"{target} did not refuse, which is all that UDP tells.");
    }

    /// <summary>Without the address, so that what is the same of several is said once.</summary>
    private string Explain(int error, IPEndPoint target) => error switch
    {
        Errno.ECONNREFUSED => Refused(target),
        Errno.ETIMEDOUT => string.Create(
            CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds:0.###} s; packets are dropped on the way, by a firewall's rules or a fault."),
        Errno.EHOSTUNREACH => to is null
            ? "is not reached; a router on the way, or nobody at that address, says so."
            : $"nobody answers for the address in the network. Restart-Container {to.Name}.",
        Errno.ENETUNREACH => $"'{from.Name}' has no route there.",
        Errno.EPERM or Errno.EACCES => $"rules inside '{from.Name}' forbid to send there. Look at them with nft or iptables in it.",
        _ => $"{Errno.Text(error)} ({Errno.Name(error)}).",
    };

    private string Refused(IPEndPoint target)
    {
        if (to is null) return "refused; no program listens on that port there.";
        List<ListeningPort> listening = ListeningPorts.Of(to.Pid, udp);
        if (listening.Exists(p => p.Port == target.Port && p.OnLoopback))
            return $"a program in '{to.Name}' listens on the port, but only on its loopback address. Let it listen on 0.0.0.0 (and ::).";
        if (listening.Exists(p => p.Port == target.Port))
            return $"a program in '{to.Name}' listens on the port, but not on this address. Let it listen on all.";
        int[] others = [.. listening.Where(p => !p.OnLoopback).Select(p => p.Port).Distinct().Order().Take(8)];
        string instead = others.Length == 0 ? $"See Get-ContainerLog {to.Name}." : $"It listens on {string.Join(", ", others)}.";
        return $"refused; no program in '{to.Name}' listens on port {target.Port}. {instead}";
    }
}
