using System.Diagnostics;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Networks;
using DockerPS.Runtime.Networks.Faults;

namespace DockerPS.Runtime.Supervision;

/// <summary>
/// What stands beside a running container: one process, one thread, one poll loop. It moves output, answers control.sock, keeps the
/// deadline of a stop, and at the end tears down and says how it ended.
/// </summary>
internal sealed unsafe class Supervisor(
    SuperviseConfig surroundings, IContainerHandle container, Born born, OutputPump pump, ControlServer control, SupervisedState state, StateFile file,
    ContainerNetworks networks)
{
    /// <summary>Slots of poll(2) that are not connections'.</summary>
    private const int First = 8;

    private readonly NetworkFaults _faults = new(networks, born.Pid, faults =>
    {
        state.Faults = faults;
        file.Write(state);
    });

    private long _killAt = long.MaxValue;

    /// <summary>The connection for as long as whose other end lives the container is frozen; -1 when there is none.</summary>
    private int _holder = -1;

    /// <summary>Whether a stop asked for the writable layer to be kept: the container is about to be started again.</summary>
    public bool KeepLayer { get; private set; }

    /// <summary>Descriptor that becomes readable when the supervisor itself is asked to terminate; -1 takes no signals.</summary>
    private int _terminated = -1;

    /// <summary>Signals of the session that started it do not reach a container; SIGTERM (a shutdown) stops it in good order.</summary>
    public void TakeSignals() => _terminated = TerminationRequest.Watch();

    /// <summary>Runs until the first process has ended; returns its exit code.</summary>
    public int Run()
    {
        LibC.pollfd* polled = stackalloc LibC.pollfd[First + ControlServer.MaxConnections];
        while (true)
        {
            int connections = control.Count;
            Watch(polled, 0, born.Pidfd, LibC.POLLIN);
            Watch(polled, 1, _terminated, LibC.POLLIN);
            Watch(polled, 2, connections < ControlServer.MaxConnections ? control.Listener : -1, LibC.POLLIN);
            Watch(polled, 3, pump.WantsOutput ? pump.Streams.Output : -1, LibC.POLLIN);
            Watch(polled, 4, pump.WantsOutput ? pump.Streams.Error : -1, LibC.POLLIN);
            WatchAttached(polled);
            Watch(polled, 7, networks.Loop.Descriptor, LibC.POLLIN);
            for (int i = 0; i < connections; i++) Watch(polled, First + i, control.Descriptor(i), LibC.POLLIN);

            if (LibC.poll(polled, (nuint)(First + connections), Timeout()) < 0) continue;
            if (polled[0].Returned != 0 && LibC.TryReap(born.Pidfd) is { } code) return code;
            if (_killAt <= Stopwatch.GetTimestamp()) Kill();
            if (polled[1].Returned != 0) OnTerminated();
            if (polled[3].Returned != 0) pump.Pump(0);
            if (polled[4].Returned != 0) pump.Pump(1);
            ServeAttached(polled);
            networks.Loop.Run();
            for (int i = connections - 1; i >= 0; i--)
            {
                if (polled[First + i].Returned != 0) Serve(i);
            }

            if (polled[2].Returned != 0) control.Accept();
        }
    }

    private static void Watch(LibC.pollfd* polled, int index, int descriptor, short events) =>
        polled[index] = new LibC.pollfd { Descriptor = descriptor, Events = events };

    /// <summary>Slot 5 is the attached reader (for space, or its going away), slot 6 the attached input or the container's readiness for it.</summary>
    private void WatchAttached(LibC.pollfd* polled)
    {
        OutputQueue? queue = pump.Attached;
        Watch(polled, 5, queue is { Open: true } ? queue.Descriptor : -1, queue is { Pending: true } ? LibC.POLLOUT : (short)0);
        if (pump.HasInput && pump.Streams.Input >= 0) Watch(polled, 6, pump.Streams.Input, LibC.POLLOUT);
        else Watch(polled, 6, pump.WantsInput ? 0 : -1, LibC.POLLIN);
    }

    private void ServeAttached(LibC.pollfd* polled)
    {
        if (polled[5].Returned != 0 && pump.Attached is { } queue)
        {
            if ((polled[5].Returned & (LibC.POLLERR | LibC.POLLHUP | LibC.POLLNVAL)) != 0) queue.Abandon();
            else queue.Flush();
        }

        if (polled[6].Returned != 0) pump.PumpInput();
    }

    private void Serve(int connection)
    {
        ControlRequest? request = control.Receive(connection, out bool dropped);
        if (dropped) Drop(connection);
        if (request is null) return;
        ControlReply? reply;
        try
        {
            reply = Answer(request);
        }
        catch (LinuxException e)
        {
            reply = new ControlReply { Failure = RuntimeFailureException.From(RuntimeStages.Cgroup, e).Failure };
        }
        catch (RuntimeFailureException e)
        {
            reply = new ControlReply { Failure = e.Failure };
        }

        if (reply is null) control.KeepWaiting(connection);
        else if (reply.Ok && request.Verb == "hold") Hold(connection, reply);
        else control.Reply(connection, reply);
    }

    private void Hold(int connection, ControlReply reply)
    {
        _holder = control.Descriptor(connection);
        control.ReplyAndKeep(connection, reply);
    }

    /// <summary>Who held the container frozen may have been killed; unless somebody else thawed it meanwhile it goes on.</summary>
    private void Drop(int connection)
    {
        bool held = control.Descriptor(connection) == _holder;
        control.Drop(connection);
        if (held) Thaw();
    }

    /// <summary>Null when the answer is the container's end.</summary>
    private ControlReply? Answer(ControlRequest request)
    {
        switch (request.Verb)
        {
            case "signal":
                int failed = Signal(request.Signal);
                return failed == 0
                    ? new ControlReply { Ok = true }
                    : Refuse($"Signal {request.Signal} cannot be sent.", -failed);
            case "stop":
                KeepLayer |= request.KeepLayer;
                Stop(request.Signal > 0 ? request.Signal : surroundings.StopSignal, request.Timeout ?? surroundings.StopTimeout);
                return null;
            case "wait":
                return null;
            case "pause" or "hold":
                if (state.Status == "paused") return Refuse("The container is paused already.", 0);
                container.Freeze();
                return Now("paused");
            case "resume":
                if (state.Status != "paused") return Refuse("The container is not paused.", 0);
                Thaw();
                return new ControlReply { Ok = true };
            case "connect" when request.Network is { } network:
                networks.Connect(network, request.NameServers, born.Pid);
                return new ControlReply { Ok = true };
            case "disconnect" when request.Network is { } network:
                networks.Disconnect(network, born.Pid);
                _faults.Forget(network.Name);
                return new ControlReply { Ok = true };
            case "faults" when request.Faults is { } faults:
                _faults.Change(faults);
                return new ControlReply { Ok = true };
            case "publish" when request.Port is { } port:
                networks.Publish(port);
                return Ports(port.HostPort);
            case "unpublish" when request.Port is { } port:
                return networks.Unpublish(port) ? Ports(null) : Refuse("The port is not published.", Errno.ENOENT);
            case "rename" when request is { Name: { } from, NewName: { } to }:
                networks.Rename(from, to);
                return new ControlReply { Ok = true };
            case "resize":
                Resize(request.Rows, request.Columns);
                return new ControlReply { Ok = true };
            default:
                return Refuse($"There is no verb '{request.Verb}'.", Errno.EINVAL);
        }
    }

    private ControlReply Now(string status)
    {
        state.Status = status;
        file.Write(state);
        return new ControlReply { Ok = true };
    }

    private ControlReply Ports(int? hostPort)
    {
        state.Ports = networks.Ports;
        file.Write(state);
        return new ControlReply { Ok = true, HostPort = hostPort };
    }

    private static ControlReply Refuse(string text, int errno) =>
        new() { Failure = new RuntimeFailure { Stage = RuntimeStages.Config, Text = text, Errno = errno } };

    private int Signal(int number)
    {
        int result = container.Signal(number);
        // A frozen process dies only when it runs again.
        if (result == 0 && number == LibC.SIGKILL && state.Status == "paused") Thaw();
        return result;
    }

    private void Stop(int signal, int timeout)
    {
        container.Signal(signal);
        if (state.Status == "paused") Thaw();
        if (timeout < 0) return;
        long killAt = Stopwatch.GetTimestamp() + (timeout * (Stopwatch.Frequency / 1000));
        if (timeout == 0 || signal == LibC.SIGKILL) Kill();
        else _killAt = Math.Min(_killAt, killAt);
    }

    private void Kill()
    {
        _killAt = long.MaxValue;
        container.Signal(LibC.SIGKILL);
        if (state.Status == "paused") Thaw();
    }

    private void Thaw()
    {
        _holder = -1;
        container.Thaw();
        state.Status = "running";
        file.Write(state);
    }

    private void Resize(int rows, int columns)
    {
        if (!pump.Streams.Terminal || pump.Streams.Output < 0) return;
        LibC.SetWindowSize(pump.Streams.Output, rows, columns);
    }

    private void OnTerminated()
    {
        TerminationRequest.Take(_terminated);
        Stop(surroundings.StopSignal, surroundings.StopTimeout);
    }

    private int Timeout()
    {
        int kill = UntilKill(), timer = networks.Loop.UntilTimer;
        return kill < 0 ? timer : timer < 0 ? kill : Math.Min(kill, timer);
    }

    private int UntilKill()
    {
        if (_killAt == long.MaxValue) return -1;
        long left = (_killAt - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency;
        return (int)Math.Clamp(left + 1, 0, int.MaxValue);
    }
}
