using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Makes a running container's networks worse, all that was asked for or nothing of it. Its supervisor ends it after its time; it ends with the
    /// run, too. Loopback and the container's name server are never affected.
    /// </summary>
    /// <returns>What is in effect after it, in all of its networks.</returns>
    /// <exception cref="DockerNotFoundException">ContainerNotFound, NetworkNotFound, NotConnected, PeerNotConnected.</exception>
    /// <exception cref="DockerInvalidStateException">ContainerNotRunning, NoNetworkOfItsOwn.</exception>
    /// <exception cref="DockerArgumentException">FaultMissing, InvalidLoss …; LatencyNotSupported: the kernel has no netem.</exception>
    /// <exception cref="DockerEnvironmentException">NftablesMissing.</exception>
    public async Task<IReadOnlyList<ContainerNetworkFault>> SetNetworkFaultsAsync(string id, NetworkFaultRequest request, CancellationToken cancellationToken)
    {
        FaultPlan.Check(request);
        ContainerRow row = Resolve(id);
        NeedRoot();
        NeedOwnNetwork(row);
        // Nobody disconnects it meanwhile.
        using (await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(id))
        {
            NeedRunning(row);
            var ask = new ControlRequest { Verb = "faults", Faults = FaultPlan.Of(request, FaultScopes(row, request)) };
            ControlReply reply = await TryAskAsync(row, ask, cancellationToken).ConfigureAwait(false) ?? throw EndedNow(row);
            if (!reply.Ok) throw FaultPlan.Refused(reply.Failure ?? new RuntimeFailure { Stage = ask.Verb, Text = "The supervisor refused without saying why." }, row.Name);
            return FaultsOf(row, Liveness.Of(DirectoryOf(row.Id)));
        }
    }

    private List<FaultScope> FaultScopes(ContainerRow row, NetworkFaultRequest request)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        List<AttachmentRow> connected = AttachmentTable.OfContainer(lease, row.Id);
        if (connected.Count == 0) throw NotConnectedAtAll(row);
        List<NetworkRow> networks = [.. request.Networks.Count == 0
            ? connected.Select(a => NetworkTable.ByPrefix(lease, a.NetworkId)[0])
            : request.Networks.Select(name => ResolveNetwork(lease, name)).DistinctBy(n => n.Id)];
        foreach (NetworkRow network in networks)
            if (!connected.Exists(a => a.NetworkId == network.Id)) throw NotConnected(row, network);
        if (request.Peers.Count == 0) return [.. networks.Select(n => new FaultScope(n.Name, []))];
        List<string> outside = [.. request.Peers.Where(FaultPlan.IsAddress)];
        List<AttachmentRow> peers = [.. request.Peers.Except(outside).SelectMany(peer => PeerIn(lease, networks, Resolve(peer)))];
        // Where none of the peers is, nothing is changed: without addresses it would be of everybody.
        return [.. networks
            .Select(n => new FaultScope(n.Name, [.. outside, .. peers.Where(p => p.NetworkId == n.Id).SelectMany(p => p.Addresses)]))
            .Where(scope => scope.Addresses.Count > 0)];
    }

    private static List<AttachmentRow> PeerIn(CatalogueDatabase.Lease lease, List<NetworkRow> networks, ContainerRow peer)
    {
        List<AttachmentRow> found = AttachmentTable.OfContainer(lease, peer.Id).FindAll(a => networks.Exists(n => n.Id == a.NetworkId));
        return found.Count > 0 ? found : throw new DockerNotFoundException(
            "PeerNotConnected",
            $"Container '{peer.Name}' is not connected to {string.Join(", ", networks.Select(n => n.Name))}, so nothing comes from it there. Get-ContainerNetwork shows who is where.", peer.Name);
    }

    private static IReadOnlyList<ContainerNetworkFault> FaultsOf(ContainerRow row, Run run) =>
        run.Running ? [.. run.Supervised!.Faults.Where(f => f.Until is null || f.Until > DateTimeOffset.UtcNow).Select(f => FaultPlan.ToFault(f, row.Name, row.Id))] : [];

    private static void NeedOwnNetwork(ContainerRow row)
    {
        if (row.Spec.Network is not NetworkNames.Host && !ContainerMode.Is(row.Spec.Network)) return;
        throw new DockerInvalidStateException(
            "NoNetworkOfItsOwn", $"Container '{row.Name}' shares the network of {row.Spec.Network}. Name that container, or create one with a network of its own.", row.Name);
    }

    private static DockerNotFoundException NotConnectedAtAll(ContainerRow row) => new(
        "NotConnected", $"Container '{row.Name}' is connected to no network. Connect it first: Connect-ContainerNetwork NETWORK {row.Name}.", row.Name);

    private static DockerNotFoundException NotConnected(ContainerRow row, NetworkRow network) => new(
        "NotConnected", $"Container '{row.Name}' is not connected to the network '{network.Name}'. Get-ContainerNetwork {network.Name} shows who is.", row.Name);

    private static DockerInvalidStateException EndedNow(ContainerRow row) =>
        new("ContainerNotRunning", $"Container '{row.Name}' ended at this moment. Start it again (Start-Container).", row.Name);
}
