using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Publishes ports of a container, and others no more; a running one is not restarted for it. All of it happens, or nothing.</summary>
    /// <param name="id">Name or id.</param>
    /// <param name="publish">To be published from now on; what is published already stays.</param>
    /// <param name="unpublish">To be published no more; without a host's port all that lead to the container's port.</param>
    /// <param name="cancellationToken">Ends the waiting for the supervisor.</param>
    /// <exception cref="DockerArgumentException">InvalidPort.</exception>
    /// <exception cref="DockerNotFoundException">ContainerNotFound; PortNotPublished.</exception>
    /// <exception cref="DockerInvalidStateException">NotConnected: it has no network from which a port could be published.</exception>
    /// <exception cref="ContainerRuntimeException">PortTaken, AddressNotLocal.</exception>
    public async Task<Container> ChangePortsAsync(
        string id, IReadOnlyList<ContainerPort> publish, IReadOnlyList<ContainerPort> unpublish, CancellationToken cancellationToken)
    {
        SpecChecks.Check(publish);
        ContainerRow row = Resolve(id);
        NeedRoot();
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            (ContainerRow? settled, Run run) = SettleLocked(Reload(row));
            row = settled ?? throw NotFound(id);
            if (publish.Count > 0 && NetworksOf(row.Id).Count == 0)
            {
                throw new DockerInvalidStateException(
                    "NotConnected", $"Container '{row.Name}' is connected to no network. Connect it first: Connect-ContainerNetwork bridge {row.Name}.", row.Name);
            }

            Container now = Present(row, run);
            List<ContainerPort> kept = [.. row.Spec.Ports], added = [.. publish.Where(port => !row.Spec.Ports.Contains(port)).Distinct()];
            foreach (ContainerPort port in unpublish)
            {
                bool live = now.Ports.Any(one => Means(port, one));
                // One of a free port stands in the specification without the number that it has now.
                if (kept.RemoveAll(one => Means(port, one) || (live && (one.HostPort == 0 || one.HostPortEnd > 0) && one.Port == port.Port && one.Protocol == port.Protocol)) == 0) throw NotPublished(row, port);
            }

            if (run.Running) await ChangePortsAsync(row, [.. now.Ports.Where(one => unpublish.Any(port => Means(port, one)))], added, cancellationToken).ConfigureAwait(false);
            ContainerTable.SetSpec(Catalogue, row.Id, row.Spec with { Ports = [.. kept, .. added] });
        }

        return View(Reload(row)) ?? Present(row, default);
    }

    /// <summary>What fails last takes back what was done before.</summary>
    private async Task ChangePortsAsync(ContainerRow row, List<ContainerPort> gone, List<ContainerPort> added, CancellationToken cancellationToken)
    {
        var undo = new Stack<(string Verb, ContainerPort Port)>();
        try
        {
            foreach (ContainerPort port in gone) await DoAsync("unpublish", "publish", port).ConfigureAwait(false);
            foreach (ContainerPort port in added) await DoAsync("publish", "unpublish", port).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            foreach ((string verb, ContainerPort port) in undo)
                await TryAskAsync(row, new ControlRequest { Verb = verb, Port = BundleWriter.Port(port) }, CancellationToken.None).ConfigureAwait(false);
            if (e is ContainerRuntimeException { ErrorId: "PortTaken" } taken && HolderOf(added) is { } holder) throw HeldBy(taken, holder);
            throw;
        }

        async Task DoAsync(string verb, string opposite, ContainerPort port)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ControlReply reply = await AskAsync(row, new ControlRequest { Verb = verb, Port = BundleWriter.Port(port) }, CancellationToken.None).ConfigureAwait(false);
            // Without the number of a free one all others that lead to the container's port would be meant.
            undo.Push((opposite, port with { HostPort = reply.HostPort ?? port.HostPort, HostPortEnd = 0 }));
        }
    }

    /// <summary>Whether a text as <c>80</c>, <c>8080:80</c> or <c>127.0.0.1:8080:80</c> means a published port.</summary>
    private static bool Means(ContainerPort asked, ContainerPort port) => asked.Port == port.Port && asked.Protocol == port.Protocol
        && (asked.HostPort == 0 || asked.HostPort == port.HostPort) && (asked.HostAddress is null || asked.HostAddress == port.HostAddress);

    /// <summary>A running container that publishes one of these ports; it may be the one that asks.</summary>
    private Container? HolderOf(IReadOnlyList<ContainerPort> ports) => GetContainers(new ContainerFilter()).FirstOrDefault(
        holder => holder.Ports.Any(held => ports.Any(port => held.HostPort >= port.HostPort && held.HostPort <= Math.Max(port.HostPort, port.HostPortEnd) && port.Protocol == held.Protocol)));

    private static ContainerRuntimeException HeldBy(ContainerRuntimeException taken, Container holder) => new(
        taken.ErrorId, $"{taken.Message} The container '{holder.Name}' publishes it.", taken.Subject, taken.Stage, taken.Call, taken.Errno, taken.ExitCode, taken);

    private static DockerNotFoundException NotPublished(ContainerRow row, ContainerPort port) => new(
        "PortNotPublished", $"Container '{row.Name}' publishes no port {(port.HostPort == 0 ? $"{port.Port}/{port.Protocol.ToString().ToLowerInvariant()}" : port)}. Get-ContainerPort {row.Name} lists what it does.", port);
}
