using System.Globalization;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using OciProcess = DockerPS.Oci.RuntimeSpec.RuntimeProcess;
using RuntimeProcess = DockerPS.Engine.Runtime.RuntimeProcess;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Runs a command in a running container and returns when it has ended; with Detach returns 0 when it has started. Cancellation
    /// kills the command.
    /// </summary>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning, ContainerPaused.</exception>
    /// <exception cref="ContainerRuntimeException">CommandNotFound, CommandNotExecutable, UserNotFound …</exception>
    public async Task<ProcessExit> ExecuteAsync(
        string id, ContainerCommand command, Attachment? attachment, CancellationToken cancellationToken)
    {
        ContainerRow row = Resolve(id);
        NeedRoot();
        if (NeedRunning(row).Paused) throw Paused(row);
        SpecChecks.Check(command);
        ContainerDirectory directory = DirectoryOf(row.Id);
        LogSpawned(_options.RuntimePath, "execute", row.Name);
        using var process = RuntimeProcess.Start(_options.RuntimePath, "execute", directory.Root);
        process.WriteRequest(ExecuteRequestOf(row, command, attachment));
        string what = string.Create(CultureInfo.InvariantCulture, $"'{command.Arguments[0]}' could not be run in container '{row.Name}'");
        AwaitStarted(process, row.Name, what, command.Arguments[0], cancellationToken);
        if (command.Detach) return default;

        ProcessExit? exit;
        // It kills the command, tells its end and ends itself.
        using (cancellationToken.UnsafeRegister(static state => ((RuntimeProcess)state!).Terminate(), process))
            exit = await AttachedStreams.PumpAsync(process, attachment, (level, text) => LogRuntime(row.Name, level, text)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return exit ?? new ProcessExit(128 + Signals.Kill, false);
    }

    private ExecuteRequest ExecuteRequestOf(ContainerRow row, ContainerCommand command, Attachment? attachment)
    {
        ContainerSpec spec = row.Spec;
        HostFacts host = _host.Value;
        List<string> capabilities = command.Privileged
            ? Capabilities.OfHost(host.BoundingCapabilities)
            : Capabilities.Of(spec, host.BoundingCapabilities, out _);
        List<RuntimeRlimit> rlimits = Ulimits.Of(spec.Ulimits, host.Limits, out _);
        return new ExecuteRequest
        {
            Process = new OciProcess
            {
                Terminal = command.Tty,
                Args = [.. command.Arguments],
                Env = RuntimeConfigBuilder.Environment(spec with { Tty = command.Tty }, HostnameOf(row), command.Environment),
                Cwd = command.WorkingDirectory ?? spec.WorkingDirectory ?? "/",
                Capabilities = RuntimeConfigBuilder.CapabilitySets(capabilities),
                Rlimits = rlimits.Count > 0 ? rlimits : null,
                NoNewPrivileges = RuntimeConfigBuilder.NoNewPrivileges(spec),
                ApparmorProfile = command.Privileged ? null : SecurityModules.AppArmorProfile(spec),
                SelinuxLabel = command.Privileged ? null : SecurityModules.SelinuxLabels(spec)?.Process,
                OomScoreAdj = spec.OomScoreAdjust,
            },
            User = command.User ?? spec.User,
            GroupAdd = [.. spec.GroupAdd],
            OpenStdin = attachment?.Input is not null,
            Detached = command.Detach,
        };
    }
}
