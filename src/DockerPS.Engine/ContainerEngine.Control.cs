using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Sends the stop signal, waits, kills. Idempotent. Null takes the container's own signal and grace. The supervisor does it, so it
    /// is done even when the caller goes away.
    /// </summary>
    public async Task<Container> StopContainerAsync(string id, TimeSpan? grace, string? signal, CancellationToken cancellationToken)
    {
        int? number = signal is null ? null : Signals.Parse(signal);
        ContainerRow row = Resolve(id);
        Run run = Current(row);
        if (run.State != RunState.Alive) return View(row) ?? Gone(row);
        await AskStopAsync(row, run, grace, number, cancellationToken).ConfigureAwait(false);
        return await SettledAsync(row, run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops when it runs, and starts; what it wrote stays, also with AutoRemove.</summary>
    /// <exception cref="DockerNotFoundException">ContainerNotFound: one with AutoRemove ended by itself before it could be restarted.</exception>
    public async Task<Container> RestartContainerAsync(string id, TimeSpan? grace, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        ContainerDirectory directory = DirectoryOf(row.Id);
        // The lock is held all the time: nobody shall remove the container, as AutoRemove asks for, between its end and its start.
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            (ContainerRow? settled, Run run) = SettleLocked(Reload(row));
            row = settled ?? throw NotFound(id);
            if (run.State == RunState.Alive)
            {
                // A supervisor that answers has taken the stop and keeps the layer; one that does not had ended before.
                bool kept = await AskStopAsync(row, run, grace, signal: null, cancellationToken, keepLayer: true).ConfigureAwait(false);
                await Liveness.EndAsync(run.Supervised!, TeardownTime, cancellationToken).ConfigureAwait(false);
                (settled, _) = SettleLocked(Reload(row), remove: !kept);
                row = settled ?? throw NotFound(id);
            }

            LaunchLocked(row, directory, attachment: null, cancellationToken).Dispose();
        }

        return View(Reload(row)) ?? Present(row, default);
    }

    /// <summary>Sends a signal by name or number (<c>KILL</c>, <c>SIGHUP</c>, <c>9</c>) to the first process.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning.</exception>
    public async Task SendSignalAsync(string id, string signal, CancellationToken cancellationToken)
    {
        int number = Signals.Parse(signal);
        ContainerRow row = Resolve(id);
        Run run = NeedRunning(row);
        await AskAsync(row, new ControlRequest { Verb = "signal", Signal = number }, cancellationToken).ConfigureAwait(false);
        if (number != Signals.Kill) return;
        // A frozen process dies only when it is thawed; and who killed a container expects to see it ended.
        if (run.Paused) await TryAskAsync(row, new ControlRequest { Verb = "resume" }, cancellationToken).ConfigureAwait(false);
        await TryAskAsync(row, new ControlRequest { Verb = "wait" }, cancellationToken).ConfigureAwait(false);
        await SettledAsync(row, run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Freezes all processes.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning, ContainerPaused.</exception>
    public async Task<Container> SuspendContainerAsync(string id, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        if (NeedRunning(row).Paused) throw Paused(row);
        await AskAsync(row, new ControlRequest { Verb = "pause" }, cancellationToken).ConfigureAwait(false);
        return View(row) ?? Gone(row);
    }

    /// <summary>Lets frozen processes go on.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning, ContainerNotPaused.</exception>
    public async Task<Container> ResumeContainerAsync(string id, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        if (!NeedRunning(row).Paused)
            throw new DockerInvalidStateException("ContainerNotPaused", $"Container '{row.Name}' is not paused; it runs.", row.Name);
        await AskAsync(row, new ControlRequest { Verb = "resume" }, cancellationToken).ConfigureAwait(false);
        return View(row) ?? Gone(row);
    }

    /// <summary>Waits for the end of the present run; one that does not run answers at once with its last exit.</summary>
    public async Task<ContainerExit> WaitContainerAsync(string id, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        Run run = Current(row);
        ControlReply? reply = null;
        Container container;
        if (run.State == RunState.Alive)
        {
            reply = await TryAskAsync(row, new ControlRequest { Verb = "wait" }, cancellationToken).ConfigureAwait(false);
            container = await SettledAsync(row, run, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            container = View(row) ?? Gone(row);
        }

        return new ContainerExit(
            row.Id, row.Name, reply?.ExitCode ?? container.ExitCode ?? 0, reply?.OomKilled ?? container.OomKilled,
            container.Finished ?? DateTimeOffset.UtcNow);
    }

    private Run Current(ContainerRow row) => row.State == ContainerState.Running ? Liveness.Of(DirectoryOf(row.Id)) : default;

    private Run NeedRunning(ContainerRow row)
    {
        Run run = Current(row);
        if (run.Running) return run;
        throw new DockerInvalidStateException(
            "ContainerNotRunning", $"Container '{row.Name}' does not run. Start it first (Start-Container).", row.Name);
    }

    /// <summary>True when the supervisor took it; false when there was none any more.</summary>
    private async Task<bool> AskStopAsync(
        ContainerRow row, Run run, TimeSpan? grace, int? signal, CancellationToken cancellationToken, bool keepLayer = false)
    {
        int number = signal ?? (row.Spec.StopSignal is { } own && Signals.TryParse(own, out int parsed) ? parsed : Signals.Terminate);
        var stop = new ControlRequest { Verb = "stop", Signal = number, Timeout = BundleWriter.Milliseconds(grace), KeepLayer = keepLayer };
        Task<ControlReply?> stopping = TryAskAsync(row, stop, cancellationToken);
        // The signal waits for a frozen process, which takes it when it is thawed.
        if (run.Paused) await TryAskAsync(row, new ControlRequest { Verb = "resume" }, cancellationToken).ConfigureAwait(false);
        ControlReply? reply = await stopping.ConfigureAwait(false);
        return reply is null or { Ok: true } ? reply is not null : throw Refused(row, "stop", reply);
    }

    /// <summary>Asks a running container's supervisor.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning: it ended at this moment.</exception>
    private async Task<ControlReply> AskAsync(ContainerRow row, ControlRequest request, CancellationToken cancellationToken)
    {
        ControlReply reply = await TryAskAsync(row, request, cancellationToken).ConfigureAwait(false) ?? throw Ended(row);
        return reply.Ok ? reply : throw Refused(row, request.Verb, reply);
    }

    private static DockerInvalidStateException Ended(ContainerRow row) =>
        new("ContainerNotRunning", $"Container '{row.Name}' ended at this moment. Start it again (Start-Container).", row.Name);

    private Task<ControlReply?> TryAskAsync(ContainerRow row, ControlRequest request, CancellationToken cancellationToken) =>
        ControlSocket.AskAsync(DirectoryOf(row.Id).ControlSocket, request, cancellationToken);

    private static ContainerRuntimeException Refused(ContainerRow row, string verb, ControlReply reply)
    {
        RuntimeFailure failure = reply.Failure ?? new RuntimeFailure { Stage = verb, Text = "The supervisor refused without saying why." };
        if (failure.Stage == RuntimeStages.Network) return StartErrors.From(failure, $"'{verb}' of container '{row.Name}' failed", row.Name);
        return new ContainerRuntimeException(
            "ContainerControlFailed", $"Container '{row.Name}' refused '{verb}': {failure.Text}", row.Name,
            failure.Stage, failure.Call, failure.Errno, failure.ExitCode);
    }

    /// <summary>After an end: waits for the teardown and records it.</summary>
    private async Task<Container> SettledAsync(ContainerRow row, Run run, CancellationToken cancellationToken)
    {
        ContainerDirectory directory = DirectoryOf(row.Id);
        if (!await Liveness.EndAsync(run.Supervised!, TeardownTime, cancellationToken).ConfigureAwait(false))
            LogWarning(row.Name, "The supervisor still tears it down.");
        // What the row will not tell any more when the container is removed by its end.
        Container last = Present(row, Liveness.Of(directory));
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false))
        {
            if (ContainerTable.ById(Catalogue, row.Id) is not { } now) return last;
            (ContainerRow? settled, Run then) = SettleLocked(now);
            return settled is null ? last : Present(settled, then);
        }
    }

    /// <summary>A container that ended and went while it was looked at, as it was last known.</summary>
    private Container Gone(ContainerRow row) =>
        Present(row with { State = ContainerState.Exited, Finished = row.Finished ?? DateTimeOffset.UtcNow }, default);
}
