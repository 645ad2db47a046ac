using System.Net;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.References;
using Microsoft.Data.Sqlite;

namespace DockerPS.Engine;

/// <summary>Which networks; criteria are combined with and, alternatives within one with or.</summary>
public sealed record NetworkFilter
{
    /// <summary>Names, ids, id prefixes or patterns. A literal one throws when there is none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary><c>key</c> or <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Only those that no container is connected to, without those that are always there.</summary>
    public bool Dangling { get; init; }
}

public sealed partial class ContainerEngine
{
    /// <summary>Networks; <c>bridge</c>, <c>host</c> and <c>none</c> are always there.</summary>
    /// <exception cref="DockerNotFoundException">NetworkNotFound: a literal name names nothing.</exception>
    /// <exception cref="DockerConflictException">NetworkAmbiguous.</exception>
    public IReadOnlyList<ContainerNetwork> GetNetworks(NetworkFilter filter)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        if (NetworkTable.ByName(lease, NetworkNames.Default) is null && Environment.IsPrivilegedProcess)
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            EnsureDefaultNetwork(lease);
            transaction.Commit();
        }

        List<ContainerNetwork> all = [.. NetworkTable.All(lease).Select(row => row.ToNetwork(AttachmentTable.OfNetwork(lease, row.Id)))];
        all.AddRange([Builtin(NetworkNames.Host, ContainerNetworkDriver.Host), Builtin(NetworkNames.None, ContainerNetworkDriver.None)]);
        return [.. Named(lease, all, filter.Names).DistinctBy(n => n.Name).Where(n =>
            (!filter.Dangling || (n.Containers.Count == 0 && n.Id.Length > 0 && n.Name != NetworkNames.Default))
            && (filter.Labels.Count == 0 || filter.Labels.Any(label => HasLabel(n.Labels, label))))];
    }

    private static IEnumerable<ContainerNetwork> Named(CatalogueDatabase.Lease lease, List<ContainerNetwork> all, IReadOnlyList<string> names)
    {
        if (names.Count == 0) return all.OrderBy(n => n.Name, StringComparer.Ordinal);
        return names.SelectMany(name => NamePattern.Is(name)
            ? all.Where(n => NamePattern.Matches(name, n.Name))
            : [all.Find(n => n.Name == name) ?? all.Find(n => n.Id == ResolveNetwork(lease, name).Id)!]);
    }

    /// <summary>For completion: names of networks.</summary>
    public IReadOnlyList<string> GetNetworkNames()
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        return [.. NetworkTable.All(lease).Select(row => row.Name).Union([NetworkNames.Default, NetworkNames.Host, NetworkNames.None])];
    }

    /// <summary>Makes a network. Its bridge comes with its first container.</summary>
    /// <exception cref="DockerArgumentException">InvalidNetworkName, InvalidSubnet, InvalidGateway, InvalidIPRange, InvalidNetworkOption.</exception>
    /// <exception cref="DockerConflictException">NetworkNameTaken, SubnetOverlaps, AddressPoolsExhausted.</exception>
    public ContainerNetwork CreateNetwork(NetworkRequest request)
    {
        NeedRoot();
        RemoveNetworkOrphans(Catalogue);
        NetworkNames.Check(request.Name);
        if (request.Driver is ContainerNetworkDriver.None or ContainerNetworkDriver.Host)
            throw new DockerConflictException("NetworkNameTaken", $"There is one network of the driver {request.Driver.ToString().ToLowerInvariant()}, and it is always there.", request.Name);
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        using SqliteTransaction transaction = lease.BeginWrite();
        if (NetworkTable.ByName(lease, request.Name) is not null || request.Name is NetworkNames.Default or NetworkNames.Host or NetworkNames.None)
        {
            throw new DockerConflictException(
                "NetworkNameTaken", $"There is a network '{request.Name}' already. Choose another name, or remove that one (Remove-ContainerNetwork).", request.Name);
        }

        NetworkRow row = InsertNetwork(lease, request);
        transaction.Commit();
        return row.ToNetwork([]);
    }

    /// <summary>Removes a network with its bridge and rules.</summary>
    /// <exception cref="DockerNotFoundException">NetworkNotFound.</exception>
    /// <exception cref="DockerConflictException">NetworkInUse: containers are connected to it; NetworkPredefined.</exception>
    public void RemoveNetwork(string name)
    {
        NetworkRow row;
        using (CatalogueDatabase.Lease lease = Catalogue.Rent())
        {
            using SqliteTransaction transaction = lease.BeginWrite();
            row = ResolveNetwork(lease, name);
            if (row.Name == NetworkNames.Default) throw Predefined(name);
            List<AttachmentRow> users = AttachmentTable.OfNetwork(lease, row.Id);
            if (users.Count > 0)
            {
                throw new DockerConflictException(
                    "NetworkInUse",
                    $"The network '{row.Name}' is used by {string.Join(", ", users.Take(5).Select(u => u.Container))}{(users.Count > 5 ? $" and {users.Count - 5} others" : "")}. "
                    + "Remove these containers or disconnect them (Disconnect-ContainerNetwork) first.",
                    row.Name);
            }

            NetworkTable.Delete(lease, row.Id);
            NoteRemoval(row);
            transaction.Commit();
        }

        RemoveBridge(row.Name, RemovalNote(row.Id));
    }

    /// <summary>Connects a container, also a running one.</summary>
    /// <exception cref="DockerNotFoundException">NetworkNotFound, ContainerNotFound.</exception>
    /// <exception cref="DockerConflictException">AlreadyConnected, AddressTaken, AddressesExhausted.</exception>
    /// <exception cref="DockerInvalidStateException">NoNetworkOfItsOwn.</exception>
    /// <exception cref="DockerArgumentException">InvalidNetworkAlias, InvalidIPAddress, InvalidMacAddress.</exception>
    public async Task<ContainerNetworkAttachment> ConnectNetworkAsync(
        string name, string containerName, NetworkConnection connection, CancellationToken cancellationToken)
    {
        ContainerRow container = Resolve(containerName);
        if (NetworkNames.IsShared(container.Spec))
        {
            throw new DockerInvalidStateException(
                "NoNetworkOfItsOwn", $"Container '{container.Name}' shares the network of {container.Spec.Network}. Create one with a network of its own.", container.Name);
        }

        using (await LockAsync(container, cancellationToken).ConfigureAwait(false) ?? throw NotFound(containerName))
        {
            NetworkRow network;
            AttachmentRow attachment;
            using (CatalogueDatabase.Lease lease = Catalogue.Rent())
            {
                using SqliteTransaction transaction = lease.BeginWrite();
                if (name == NetworkNames.Default) EnsureDefaultNetwork(lease);
                network = ResolveNetwork(lease, name);
                attachment = Attach(lease, network, container.Id, container.Name, AttachmentTable.OfContainer(lease, container.Id), connection);
                transaction.Commit();
            }

            (_, Run run) = SettleLocked(Reload(container));
            if (run.Running)
            {
                try
                {
                    SuperviseNetwork link = AttachmentPlan.Of(network, attachment, _options.RunRoot);
                    List<string>? servers = BundleWriter.Rewrite(DirectoryOf(container.Id), NetworksOf(container.Id), container.Spec);
                    cancellationToken.ThrowIfCancellationRequested();
                    // From here it is not given up half-way.
                    await AskAsync(container, new ControlRequest { Verb = "connect", Network = link, NameServers = servers }, CancellationToken.None).ConfigureAwait(false);
                }
                catch
                {
                    Detach(network.Id, container.Id);
                    BundleWriter.Rewrite(DirectoryOf(container.Id), NetworksOf(container.Id), container.Spec);
                    throw;
                }
            }

            return attachment.ToAttachment(network.Name);
        }
    }

    /// <summary>Disconnects a container, also a running one.</summary>
    /// <exception cref="DockerNotFoundException">NetworkNotFound, ContainerNotFound, NotConnected.</exception>
    public async Task DisconnectNetworkAsync(string name, string containerName, CancellationToken cancellationToken)
    {
        ContainerRow container = Resolve(containerName);
        using (await LockAsync(container, cancellationToken).ConfigureAwait(false) ?? throw NotFound(containerName))
        {
            NetworkRow network;
            AttachmentRow? attachment;
            using (CatalogueDatabase.Lease lease = Catalogue.Rent())
            {
                network = ResolveNetwork(lease, name);
                attachment = AttachmentTable.OfContainer(lease, container.Id).Find(a => a.NetworkId == network.Id);
            }

            if (attachment is null) throw NotConnected(container, network);

            (_, Run run) = SettleLocked(Reload(container));
            if (run.Running)
            {
                var request = new ControlRequest { Verb = "disconnect", Network = AttachmentPlan.Of(network, attachment, _options.RunRoot) };
                await AskAsync(container, request, CancellationToken.None).ConfigureAwait(false);
            }

            Detach(network.Id, container.Id);
            if (run.Running) BundleWriter.Rewrite(DirectoryOf(container.Id), NetworksOf(container.Id), container.Spec);
        }
    }

    private void Detach(string networkId, string containerId)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        AttachmentTable.Delete(lease, networkId, containerId);
    }

    /// <summary>For a start: a container's interfaces.</summary>
    private List<SuperviseNetwork> NetworksOf(string containerId)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        List<AttachmentRow> attachments = AttachmentTable.OfContainer(lease, containerId);
        return [.. attachments.Select(a => AttachmentPlan.Of(NetworkTable.ByPrefix(lease, a.NetworkId)[0], a, _options.RunRoot))];
    }

    /// <summary>Connects a new container to the networks that its specification names, in the transaction that inserts its row.</summary>
    private void AttachNew(CatalogueDatabase.Lease lease, ContainerRow row)
    {
        var attached = new List<AttachmentRow>();
        foreach (string name in NetworkNames.Of(row.Spec))
        {
            if (name == NetworkNames.Default) EnsureDefaultNetwork(lease);
            bool first = attached.Count == 0;
            var connection = new NetworkConnection
            {
                Aliases = row.Spec.NetworkAliases, Addresses = first ? row.Spec.IPAddresses : [], MacAddress = first ? row.Spec.MacAddress : null,
            };
            attached.Add(Attach(lease, ResolveNetwork(lease, name), row.Id, row.Name, attached, connection));
        }
    }

    private static AttachmentRow Attach(
        CatalogueDatabase.Lease lease, NetworkRow network, string containerId, string containerName, List<AttachmentRow> others, NetworkConnection connection)
    {
        if (others.Exists(a => a.NetworkId == network.Id))
        {
            throw new DockerConflictException(
                "AlreadyConnected", $"Container '{containerName}' is connected to the network '{network.Name}' already.", containerName);
        }

        foreach (string alias in connection.Aliases) NetworkNames.CheckAlias(alias);
        AttachmentRow row = AttachmentPlan.Row(network, containerId, connection, AttachmentTable.Taken(lease, network.Id)) with
        {
            Container = containerName, Position = others.Count == 0 ? 0 : others.Max(a => a.Position) + 1,
        };
        AttachmentTable.Insert(lease, row);
        return row;
    }

    private static NetworkRow InsertNetwork(CatalogueDatabase.Lease lease, NetworkRequest request, string? bridge = null)
    {
        string id = ContainerNames.NewId();
        List<(string, IPNetwork)> taken = [.. NetworkTable.All(lease).SelectMany(n => n.Definition.Subnets.Select(s => (n.Name, s.Network)))];
        var row = new NetworkRow
        {
            Id = id, Name = request.Name, Created = DateTimeOffset.UtcNow, Definition = NetworkPlan.Of(request, id, taken, HostRoutes.Read()) with { Bridge = bridge },
        };
        NetworkTable.Insert(lease, row);
        return row;
    }

    /// <summary>The default bridge exists from its first use. To be called within a transaction, or where there is one already.</summary>
    private void EnsureDefaultNetwork(CatalogueDatabase.Lease lease)
    {
        if (NetworkTable.ByName(lease, NetworkNames.Default) is not null) return;
        // The machine's own store has the bridge with the plain name; those of other stores stand beside it.
        InsertNetwork(lease, new NetworkRequest { Name = NetworkNames.Default }, _options.Root == EngineOptions.SystemRoot ? "dockerps0" : null);
    }

    private static NetworkRow ResolveNetwork(CatalogueDatabase.Lease lease, string name)
    {
        if (name is NetworkNames.Host or NetworkNames.None) throw Predefined(name);
        if (NetworkTable.ByName(lease, name) is { } named) return named;
        List<NetworkRow> found = ContainerNames.IsIdPrefix(name) ? NetworkTable.ByPrefix(lease, name) : [];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new DockerNotFoundException(
                "NetworkNotFound", $"There is no network '{name}'. Get-ContainerNetwork lists what there is; make one with New-ContainerNetwork {name}.", name),
            _ => throw new DockerConflictException("NetworkAmbiguous", $"More than one network has an id that begins with '{name}'. Use more of its digits, or its name.", name),
        };
    }

    private string RemovalNotes => Path.Join(_options.Root, "removed-networks");

    private string RemovalNote(string id) => Path.Join(RemovalNotes, id);

    /// <summary>What is to be removed of the machine when the row is gone, for whoever comes next if this process does not come to it.</summary>
    private void NoteRemoval(NetworkRow row)
    {
        if (row.Definition.Driver != ContainerNetworkDriver.Bridge) return;
        Directory.CreateDirectory(RemovalNotes);
        File.WriteAllBytes(RemovalNote(row.Id), JsonSerializer.SerializeToUtf8Bytes(AttachmentPlan.Link(row), BundleJson.Default.SuperviseNetwork));
    }

    private void RemoveBridge(string name, string note)
    {
        if (!File.Exists(note)) return;
        RunToEnd(name, "remove-network", File.ReadAllText(note));
        File.Delete(note);
    }

    /// <summary>Ends removals whose process was killed.</summary>
    private void RemoveNetworkOrphans(CatalogueDatabase catalogue)
    {
        if (!Directory.Exists(RemovalNotes) || !Environment.IsPrivilegedProcess) return;
        foreach (string note in Directory.EnumerateFiles(RemovalNotes))
        {
            string id = Path.GetFileName(note);
            // While its row is there a removal may be under way, or was given up before it counted.
            using (CatalogueDatabase.Lease lease = catalogue.Rent())
                if (NetworkTable.ByPrefix(lease, id).Count > 0) continue;
            try
            {
                RemoveBridge(id, note);
            }
            catch (Exception e) when (e is IOException or DockerException)
            {
                LogWarning(id, $"The bridge of a removed network is still there: {e.Message}");
            }
        }
    }

    private static DockerConflictException Predefined(string name) =>
        new("NetworkPredefined", $"The network '{name}' is always there: it cannot be made, removed or connected to by name.", name);

    private static ContainerNetwork Builtin(string name, ContainerNetworkDriver driver) => new() { Id = "", Name = name, Driver = driver };
}
