using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Networks;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    private readonly Lazy<HostFacts> _host = new(HostFacts.Read);

    /// <summary>Starts a created or exited container; one that runs is left alone. Returns when its process executes.</summary>
    /// <exception cref="ContainerRuntimeException">CommandNotFound, CommandNotExecutable, UserNotFound, ContainerStartFailed …</exception>
    /// <exception cref="DockerInvalidStateException">ContainerPaused.</exception>
    public async Task<Container> StartContainerAsync(string id, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        ContainerDirectory directory = DirectoryOf(row.Id);
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            (ContainerRow? settled, Run run) = SettleLocked(Reload(row));
            row = settled ?? throw NotFound(id);
            if (run.Paused) throw Paused(row);
            if (!run.Running) LaunchLocked(row, directory, attachment: null, cancellationToken).Dispose();
        }

        return View(Reload(row)) ?? Present(row, default);
    }

    /// <summary>
    /// Starts with streams attached and returns when it has ended and is torn down; removes it when AutoRemove. Cancellation stops the
    /// container (stop signal, grace period, SIGKILL) before the exception is thrown.
    /// </summary>
    /// <exception cref="ContainerRuntimeException">CommandNotFound, CommandNotExecutable, UserNotFound, ContainerStartFailed …</exception>
    /// <exception cref="DockerInvalidStateException">ContainerRunning, ContainerPaused.</exception>
    public async Task<ProcessExit> StartAttachedAsync(string id, Attachment attachment, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        ContainerDirectory directory = DirectoryOf(row.Id);
        RuntimeProcess process;
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            (ContainerRow? settled, Run run) = SettleLocked(Reload(row));
            row = settled ?? throw NotFound(id);
            if (run.Paused) throw Paused(row);
            if (run.Running)
            {
                throw new DockerInvalidStateException(
                    "ContainerRunning", $"Container '{row.Name}' runs already. Stop it first, or read its output with Get-ContainerLog -Follow.", row.Name);
            }

            process = LaunchLocked(row, directory, attachment, cancellationToken);
        }

        using (process)
        {
            ProcessExit? exit;
            using (cancellationToken.UnsafeRegister(static (state, _) => ((Action)state!)(), (Action)(() => StopInBackground(row))))
                exit = await AttachedStreams.PumpAsync(process, attachment, (level, text) => LogRuntime(row.Name, level, text)).ConfigureAwait(false);

            ProcessExit end = await RecordEndAsync(row, directory, exit).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return end;
        }
    }

    /// <summary>Stops because the caller no longer wants it. Whoever attached waits for the end anyway, so nobody waits for this.</summary>
    private void StopInBackground(ContainerRow row) => _ = Task.Run(async () =>
    {
        try
        {
            await AskStopAsync(row, Liveness.Of(DirectoryOf(row.Id)), grace: null, signal: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DockerException e)
        {
            LogWarning(row.Name, e.Message);
        }
    });

    /// <summary>After an attached run: the catalogue learns of it. What the channel did not tell, the supervisor's state does.</summary>
    private async Task<ProcessExit> RecordEndAsync(ContainerRow row, ContainerDirectory directory, ProcessExit? told)
    {
        using (await LockAsync(row, CancellationToken.None).ConfigureAwait(false))
        {
            if (ContainerTable.ById(Catalogue, row.Id) is not { } now)
                return told ?? new ProcessExit(128 + Signals.Kill, false);
            if (told is null && directory.ReadState() is { } state)
                await Liveness.EndAsync(state, TeardownTime, CancellationToken.None).ConfigureAwait(false);
            // Another session may have started it again: then it is not over.
            (ContainerRow? settled, _) = SettleLocked(now);
            return told ?? new ProcessExit(settled?.ExitCode ?? 128 + Signals.Kill, settled?.OomKilled ?? false);
        }
    }

    /// <summary>Writes the bundle, spawns the supervisor and waits until the process executes. The caller holds the lock.</summary>
    private RuntimeProcess LaunchLocked(
        ContainerRow row, ContainerDirectory directory, Attachment? attachment, CancellationToken cancellationToken)
    {
        WriteBundle(row, directory, attachment);
        cancellationToken.ThrowIfCancellationRequested();
        // From here on state.json counts. Whoever kills this process now leaves a row that the next look puts right.
        if (!ContainerTable.SetStarting(Catalogue, row.Id)) throw NotFound(row.Name);
        RuntimeProcess? process = null;
        try
        {
            LogSpawned(_options.RuntimePath, "supervise", row.Name);
            process = RuntimeProcess.Start(_options.RuntimePath, "supervise", directory.Root);
            int pid = AwaitStarted(process, row.Name, $"Container '{row.Name}' could not be started", row.Name, cancellationToken);
            LogStarted(row.Name, pid);
            return process;
        }
        catch (Exception e)
        {
            if (e is OperationCanceledException) process?.Kill();
            process?.Dispose();
            RecordFailedStart(row, directory, e);
            if (e is ContainerRuntimeException { ErrorId: "PortTaken" } taken && HolderOf(row.Spec.Ports) is { } holder) throw HeldBy(taken, holder);
            throw;
        }
    }

    private void WriteBundle(ContainerRow row, ContainerDirectory directory, Attachment? attachment)
    {
        try
        {
            BundleWriter.Write(
                new BundlePlan
                {
                    Id = row.Id,
                    Name = row.Name,
                    Spec = row.Spec,
                    Directory = directory,
                    Options = _options,
                    Layers = Images.RunnableById(row.ImageId).LayerDirectories,
                    Host = _host.Value,
                    Joined = JoinedContainers(row.Spec),
                    Networks = NetworksOf(row.Id),
                    Names = ResolvConf.OfHost().With(row.Spec),
                    Sources = SourcesOf(row, directory),
                    Attached = attachment is not null,
                    FeedsInput = attachment?.Input is not null,
                },
                text => LogWarning(row.Name, text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.From(e, _options.Root)!;
        }
    }

    /// <summary>Reads the channel up to Started and returns the process id; anything else is an exception.</summary>
    private int AwaitStarted(RuntimeProcess process, string name, string what, object subject, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((RuntimeProcess)state!).Kill(), process);
        while (process.Read() is { } message)
        {
            switch (message.Kind)
            {
                case RuntimeMessageKind.Started:
                    return message.Started().Pid;
                case RuntimeMessageKind.Failed:
                    cancellationToken.ThrowIfCancellationRequested();
                    throw StartErrors.From(message.Failure(), what, subject);
                case RuntimeMessageKind.Log:
                    LogRuntime(name, message.Log().Level, message.Log().Text);
                    break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw StartErrors.From(new RuntimeFailure { Stage = "Engine", Text = process.Complaint() }, what, subject);
    }

    /// <summary>As Docker: the container stays as it was, with exit code and reason of the failure; with AutoRemove it goes.</summary>
    private void RecordFailedStart(ContainerRow row, ContainerDirectory directory, Exception failure)
    {
        if (directory.ReadState() is { Status: not ("exited" or "failed") } state)
        {
            // The supervisor died on the way, or was killed for a cancellation: its mounts and cgroups are still there.
            Liveness.EndAsync(state, TeardownTime, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            if (Liveness.Of(directory) is { State: RunState.Lost } lost) CleanLocked(row, directory, lost);
        }

        if (row.AutoRemove)
        {
            RemoveLocked(row, directory, withVolumes: true);
            return;
        }

        ContainerTable.SetEnded(Catalogue, row with
        {
            State = NotRunning(row),
            ExitCode = failure is OperationCanceledException ? row.ExitCode : (failure as ContainerRuntimeException)?.ExitCode ?? 125,
            OomKilled = false,
            Error = failure.Message,
        });
    }

    /// <summary>The containers whose namespaces this one shares.</summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning: one of them does not run.</exception>
    private Dictionary<string, JoinedContainer> JoinedContainers(ContainerSpec spec)
    {
        var joined = new Dictionary<string, JoinedContainer>(StringComparer.Ordinal);
        foreach ((string kind, string? mode) in (ReadOnlySpan<(string, string?)>)
            [("network", spec.Network), ("pid", spec.PidMode), ("ipc", spec.IpcMode), ("uts", spec.UtsMode)])
        {
            if (ContainerMode.Of(mode) is not { } name) continue;
            ContainerRow other = Resolve(name);
            ContainerDirectory directory = DirectoryOf(other.Id);
            Run run = Liveness.Of(directory);
            if (!run.Running || run.Supervised!.Init is not { } init || !Liveness.Lives(init))
            {
                throw new DockerInvalidStateException(
                    "ContainerNotRunning", $"Container '{other.Name}', whose {kind} namespace is to be shared, does not run. Start it first.", other.Name);
            }

            joined[kind] = new JoinedContainer(directory, init.Pid, HostnameOf(other));
        }

        return joined;
    }

    private string HostnameOf(ContainerRow row) => row.Spec switch
    {
        { Hostname: { } own } => own,
        { Network: "host" } or { UtsMode: "host" } => _host.Value.HostName,
        { Network: { } network } when ContainerMode.Of(network) is { } id
            && ContainerTable.ById(Catalogue, id) is { } other && other.Id != row.Id => HostnameOf(other),
        _ => row.Id[..12],
    };

    private static DockerInvalidStateException Paused(ContainerRow row) =>
        new("ContainerPaused", $"Container '{row.Name}' is paused. Resume it first (Resume-Container).", row.Name);
}
