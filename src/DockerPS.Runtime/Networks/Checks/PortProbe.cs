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

    /// <summary>How long a refusal is doubted while a program listens: one that starts, or that opens its port anew for each caller.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromMilliseconds(500);

    public (bool Passed, string Text) Try(IPEndPoint target)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            (bool passed, int error, string text) = TryOnce(target);
            if (error != Errno.ECONNREFUSED || !IsTaken(target) || Stopwatch.GetElapsedTime(begun) > Doubt) return (passed, text);
            Thread.Sleep(10);
        }
    }

    private (bool Passed, int Error, string Text) TryOnce(IPEndPoint target)
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

    private (bool, int, string) Connect(int fd, IPEndPoint target)
    {
        long begun = Stopwatch.GetTimestamp();
        int error = -LibC.TryConnect(fd, target);
        if (error == Errno.EINPROGRESS) error = Readiness.Await(fd, LibC.POLLOUT, patience) ? LibC.SocketError(fd) : Errno.ETIMEDOUT;
        double milliseconds = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return error == 0
            ? (true, 0, string.Create(CultureInfo.InvariantCulture, $"{target} accepted a connection within {milliseconds:0.0} ms."))
            : (false, error, Explain(error, target));
    }

    private (bool, int, string) Send(int fd, IPEndPoint target)
    {
        int error = -LibC.TryConnect(fd, target);
        if (error == 0) error = Math.Max(0, -LibC.TrySendTo(fd, "\n"u8, null));
        if (error == 0 && Readiness.Await(fd, LibC.POLLIN, patience < Silence ? patience : Silence))
        {
            error = Math.Max(0, -LibC.TryReceiveFrom(fd, new byte[1], out _));
            if (error == 0) return (true, 0, $"{target} answered.");
        }

        if (error != 0) return (false, error, Explain(error, target));
        return to is not null && ListeningPorts.Of(to.Pid, udp: true).Exists(p => p.Port == target.Port)
            ? (true, 0, $"A program in '{to.Name}' has port {target.Port}/udp, and nobody refused; whether it got the datagram it does not say.")
            : (true, 0, $"{target} did not refuse, which is all that UDP tells.");
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

    private bool IsTaken(IPEndPoint target) => to is not null && ListeningPorts.Of(to.Pid, udp).Exists(p => p.Takes(target));

    private string Refused(IPEndPoint target)
    {
        if (to is null) return "refused; no program listens on that port there.";
        List<ListeningPort> listening = ListeningPorts.Of(to.Pid, udp);
        if (listening.Find(p => p.Takes(target)) is { Address: { } address })
        {
            return address.AddressFamily == target.AddressFamily
                ? $"refused, though a program in '{to.Name}' listens on {address}; a firewall's rule rejects it. Look at nft list ruleset in the container and on this machine."
                : $"refused, though a program in '{to.Name}' listens on [{address}]; for IPv6 alone, it seems. Let it listen on 0.0.0.0 too.";
        }

        if (listening.Exists(p => p.Port == target.Port && p.OnLoopback))
            return $"a program in '{to.Name}' listens on the port, but only on its loopback address. Let it listen on 0.0.0.0 (and ::).";
        if (listening.Exists(p => p.Port == target.Port))
            return $"a program in '{to.Name}' listens on the port, but not on this address. Let it listen on all.";
        int[] others = [.. listening.Where(p => !p.OnLoopback).Select(p => p.Port).Distinct().Order().Take(8)];
        string instead = others.Length == 0 ? $"See Get-ContainerLog {to.Name}." : $"It listens on {string.Join(", ", others)}.";
        return $"refused; no program in '{to.Name}' listens on port {target.Port}. {instead}";
    }
}
