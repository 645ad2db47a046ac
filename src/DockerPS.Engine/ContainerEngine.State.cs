using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

/// <summary>How containers stand: the catalogue's row, and for those that were started their supervisor's state.json.</summary>
public sealed partial class ContainerEngine
{
    // Between the engine's writing supervise.json and the supervisor's writing state.json lie some milliseconds.
    private static readonly TimeSpan SpawnTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TeardownTime = TimeSpan.FromSeconds(15);

    private ContainerDirectory DirectoryOf(string id) => new(_options, id);

    /// <summary>The row of a full id, name or unambiguous id prefix.</summary>
    private ContainerRow Resolve(string name)
    {
        CatalogueDatabase catalogue = Catalogue;
        bool prefix = ContainerNames.IsIdPrefix(name);
        if (prefix && name.Length == 64 && ContainerTable.ById(catalogue, name) is { } exact) return exact;
        if (ContainerTable.ByName(catalogue, name) is { } named) return named;
        List<ContainerRow> matches = prefix ? ContainerTable.ByPrefix(catalogue, name) : [];
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw NotFound(name),
            _ => throw new DockerConflictException(
                "ContainerAmbiguous", $"More than one container has an id that begins with '{name}'. Use more of its digits, or its name.", name),
        };
    }

    private static DockerNotFoundException NotFound(string name) =>
        new("ContainerNotFound", $"There is no container '{name}'. Get-Container -All lists what there is.", name);

    private ContainerRow Reload(ContainerRow row) => ContainerTable.ById(Catalogue, row.Id) ?? throw NotFound(row.Name);

    /// <summary>Waits for the right to change a container; null when it is gone.</summary>
    private async ValueTask<ContainerLock?> LockAsync(ContainerRow row, CancellationToken cancellationToken)
    {
        ContainerDirectory directory = DirectoryOf(row.Id);
        while (true)
        {
            if (await ContainerLock.TakeAsync(directory, cancellationToken).ConfigureAwait(false) is { } mine) return mine;
            if (ContainerTable.ById(Catalogue, row.Id) is null) return null;
            // A row without a directory: its creator was killed between the two.
            directory.Create();
        }
    }

    /// <summary>The container as it stands now; null when it ended and was removed meanwhile.</summary>
    private Container? View(ContainerRow row)
    {
        if (row.State != ContainerState.Running) return Present(row, default);
        ContainerDirectory directory = DirectoryOf(row.Id);
        Run run = Liveness.Of(directory);
        if (run.State == RunState.Alive) return Present(row, run);
        using (ContainerLock? mine = ContainerLock.Try(directory))
        {
            // Somebody else has it: they start or remove it, or record the end as this would.
            if (mine is null) return Present(row, run);
            if (ContainerTable.ById(Catalogue, row.Id) is not { } now) return null;
            (ContainerRow? settled, run) = SettleLocked(now);
            return settled is null ? null : Present(settled, run);
        }
    }

    /// <summary>
    /// Records the end of a run that is over, however it ended, and removes the container when that was asked for. Idempotent.
    /// The caller holds the container's lock.
    /// </summary>
    private (ContainerRow? Row, Run Run) SettleLocked(ContainerRow row, bool remove = true)
    {
        if (row.State != ContainerState.Running) return (row, default);
        ContainerDirectory directory = DirectoryOf(row.Id);
        Run run = Liveness.Of(directory);
        bool lost = run.State == RunState.Lost;
        if (lost) run = CleanLocked(row, directory, run);
        if (run.State == RunState.Alive) return (row, run);
        if (run.State == RunState.Unknown && File.GetLastWriteTimeUtc(directory.Supervise) > DateTime.UtcNow - SpawnTime) return (row, run);
        ContainerRow ended = Ended(row, run.Supervised, lost);
        if (remove && ended.AutoRemove && run.State != RunState.Unknown)
        {
            RemoveLocked(ended, directory, withVolumes: true);
            return (null, default);
        }

        ContainerTable.SetEnded(Catalogue, ended);
        LogEnded(ended.Name, ended.ExitCode);
        return (ended, default);
    }

    /// <summary>The row after a run.</summary>
    private static ContainerRow Ended(ContainerRow row, SupervisedState? state, bool lost) => state switch
    {
        // Its starter died before there was a supervisor: it never ran.
        null => row with { State = NotRunning(row), Error = "The start was interrupted before the container ran." },
        { Status: "failed" } => Failed(row, state.Failure),
        _ => row with
        {
            State = ContainerState.Exited,
            Started = state.StartedAt ?? row.Started,
            Finished = state.FinishedAt ?? DateTimeOffset.UtcNow,
            ExitCode = state.ExitCode ?? 128 + Signals.Kill,
            OomKilled = state.OomKilled,
            Error = lost ? "The supervisor of the container was killed; the container was killed, too." : state.Failure?.Text,
        },
    };

    private static ContainerRow Failed(ContainerRow row, RuntimeFailure? failure) => row with
    {
        State = NotRunning(row),
        ExitCode = failure?.ExitCode ?? 125,
        Error = failure?.Text ?? "The container could not be started.",
        OomKilled = false,
    };

    private static ContainerState NotRunning(ContainerRow row) => row.Finished is null ? ContainerState.Created : ContainerState.Exited;

    /// <summary>Kills and removes what a killed supervisor left. The caller holds the lock.</summary>
    private Run CleanLocked(ContainerRow row, ContainerDirectory directory, Run run)
    {
        RunToEnd(row.Name, "cleanup", directory.Root);
        LogLost(row.Name);
        return directory.ReadState() is { Status: "exited" or "failed" } ended
            ? new Run(RunState.Ended, ended)
            // Not even cleanup could write: the end is known all the same.
            : new Run(RunState.Ended, run.Supervised);
    }

    /// <summary>Runs a verb of dockerps-runtime that only does something, and throws when it fails.</summary>
    private void RunToEnd(string name, string verb, string argument)
    {
        LogSpawned(_options.RuntimePath, verb, name);
        using var process = RuntimeProcess.Start(_options.RuntimePath, verb, argument);
        RuntimeFailure? failure = null;
        while (process.Read() is { } message)
        {
            if (message.Kind == RuntimeMessageKind.Failed) failure = message.Failure();
            else if (message.Kind == RuntimeMessageKind.Log) LogRuntime(name, message.Log().Level, message.Log().Text);
        }

        string complaint = process.Complaint();
        int exitCode = process.WaitForExit();
        if (exitCode == 0 && failure is null) return;
        failure ??= new RuntimeFailure { Stage = verb, Text = complaint };
        throw new ContainerRuntimeException(
            verb == "cleanup" ? "CleanupFailed" : "RemoveFailed",
            $"What container '{name}' left could not be removed: {failure.Text.TrimEnd('.')}. See what uses '{argument}', then try again.",
            name, failure.Stage, failure.Call, failure.Errno, failure.ExitCode);
    }

    private Container Present(ContainerRow row, Run run)
    {
        SupervisedState? live = row.State == ContainerState.Running ? run.Supervised : null;
        if (live is { Status: "exited" or "failed" } || run.State == RunState.Lost)
        {
            row = Ended(row, live, run.State == RunState.Lost);
            live = null;
        }

        ContainerState state = live?.Status switch
        {
            "running" => ContainerState.Running,
            "paused" => ContainerState.Paused,
            _ => row.State == ContainerState.Running ? NotRunning(row) : row.State,
        };
        bool running = state is ContainerState.Running or ContainerState.Paused;
        return new Container
        {
            Id = row.Id,
            Name = row.Name,
            Image = row.Image,
            ImageId = row.ImageId,
            CommandLine = [.. row.Spec.Entrypoint ?? [], .. row.Spec.Command ?? []],
            Created = row.Created,
            Started = running ? live!.StartedAt : row.Started,
            Finished = running ? null : row.Finished,
            State = state,
            ExitCode = running ? null : row.ExitCode,
            OomKilled = !running && row.OomKilled,
            Error = running ? null : row.Error,
            Pid = running ? live!.Init?.Pid : null,
            Ports = running ? [.. live!.Ports.Select(Published)] : [],
            Faults = running ? FaultsOf(row, run) : [],
            Spec = row.Spec,
            LogPath = DirectoryOf(row.Id).Log,
        };
    }

    private static ContainerPort Published(SupervisePort port) => new()
    {
        HostAddress = port.HostAddress, HostPort = port.HostPort, Port = port.Port, Protocol = port.Udp ? ContainerPortProtocol.Udp : ContainerPortProtocol.Tcp,
    };

    private static void NeedRoot()
    {
        if (Environment.IsPrivilegedProcess) return;
        throw new DockerEnvironmentException(
            "PermissionDenied", "Containers are made with rights that only root has. Run PowerShell as root (sudo pwsh).");
    }
}
