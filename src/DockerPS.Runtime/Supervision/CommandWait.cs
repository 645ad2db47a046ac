using DockerPS.Linux;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>Beside a further process in a container: moves its streams until it ends. When nobody reads any more, or on SIGTERM, it is killed.</summary>
internal sealed unsafe class CommandWait(Born born, OutputPump pump)
{
    public int Run()
    {
        int terminated = TerminationRequest.Watch();
        LibC.pollfd* polled = stackalloc LibC.pollfd[6];
        while (true)
        {
            OutputQueue queue = pump.Attached!;
            Watch(polled, 0, born.Pidfd, LibC.POLLIN);
            Watch(polled, 1, terminated, LibC.POLLIN);
            Watch(polled, 2, pump.WantsOutput ? pump.Streams.Output : -1, LibC.POLLIN);
            Watch(polled, 3, pump.WantsOutput ? pump.Streams.Error : -1, LibC.POLLIN);
            Watch(polled, 4, queue.Open ? queue.Descriptor : -1, queue.Pending ? LibC.POLLOUT : (short)0);
            bool writing = pump.HasInput && pump.Streams.Input >= 0;
            Watch(polled, 5, writing ? pump.Streams.Input : pump.WantsInput ? 0 : -1, writing ? LibC.POLLOUT : LibC.POLLIN);
            if (LibC.poll(polled, 6, -1) < 0) continue;
            if (polled[0].Returned != 0 && LibC.TryReap(born.Pidfd) is { } code) return code;
            if (polled[1].Returned != 0) Kill(terminated);
            if (polled[2].Returned != 0) pump.Pump(0);
            if (polled[3].Returned != 0) pump.Pump(1);
            if ((polled[4].Returned & (LibC.POLLERR | LibC.POLLHUP | LibC.POLLNVAL)) != 0)
            {
                queue.Abandon();
                Kill(terminated);
            }
            else if (polled[4].Returned != 0)
            {
                queue.Flush();
            }

            if (polled[5].Returned != 0) pump.PumpInput();
        }
    }

    private void Kill(int terminated)
    {
        TerminationRequest.Take(terminated);
        LibC.SendSignal(born.Pidfd, LibC.SIGKILL);
    }

    private static void Watch(LibC.pollfd* polled, int index, int descriptor, short events) =>
        polled[index] = new LibC.pollfd { Descriptor = descriptor, Events = events };
}
