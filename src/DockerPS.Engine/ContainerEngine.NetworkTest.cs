using System.Net;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Says what of link, address, route, name and port is broken on the way from a container to another, or to something outside.</summary>
    /// <returns>Checks in their order. Where there is no way at all, only the link's, which says why.</returns>
    /// <exception cref="DockerNotFoundException">ContainerNotFound: there is no container from which to look.</exception>
    /// <exception cref="DockerInvalidStateException">NoNetworkOfItsOwn: it has the machine's.</exception>
    public async Task<IReadOnlyList<ContainerNetworkCheck>> TestNetworkAsync(NetworkTestRequest request, CancellationToken cancellationToken)
    {
        ContainerRow asked = Resolve(request.From), from = Sharing(asked);
        NeedRoot();
        request = request with { From = asked.Name, To = AddressText.IsAddress(request.To) ? request.To : TryResolve(request.To)?.Name ?? request.To };
        if (from.Spec.Network == NetworkNames.Host)
            throw new DockerInvalidStateException("NoNetworkOfItsOwn", $"Container '{from.Name}' has this machine's network: what this machine reaches, it reaches.", from.Name);
        if (TestedEnd(from, out string? broken) is not { } end) return [Unlinked(request, broken!)];
        var test = new TestNetworkRequest
        {
            From = end, Target = request.To, Port = request.Port, Udp = request.Udp, Timeout = (int)Math.Clamp(request.Timeout.TotalMilliseconds, 1, int.MaxValue),
        };
        if (FindTarget(from, end, test, out ContainerRow? to) is { } nowhere) return [Unlinked(request, nowhere)];
        TestNetworkResult result = await Verb.TestNetworkAsync(test, cancellationToken).ConfigureAwait(false);
        return [.. result.Checks.Select(check => Seen(request, check, from, to))];
    }

    /// <summary>Fills in what is to be reached; returns why there is no way there.</summary>
    private string? FindTarget(ContainerRow from, TestNetworkEnd end, TestNetworkRequest test, out ContainerRow? to)
    {
        bool address = AddressText.TryParse(test.Target, out IPAddress? parsed);
        ContainerRow? named = address ? null : TryResolve(test.Target);
        to = named ?? ByAddressOrAlias(end, test.Target);
        if (!address) test.Name = named?.Name ?? test.Target;
        if (to is null)
        {
            if (address) test.Addresses.Add(parsed!.ToString());
            else if (HostsFile.Find(from.Spec.ExtraHosts, test.Target, GatewayOf(end)) is { } known) test.Addresses.Add(known);
            return null;
        }

        // Who shares another's network is reached as that one is, and by its name.
        ContainerRow own = Sharing(to);
        if (own.Id != to.Id && test.Name is not null) test.Name = own.Name;
        to = own;
        if (to.Spec.Network == NetworkNames.Host)
        {
            if (GatewayOf(end) is not { } gateway) return $"'{to.Name}' has this machine's network, and '{from.Name}' is in none in which this machine has an address.";
            test.Addresses.Add(gateway);
            test.Name = null;
            to = null;
            return null;
        }

        if (TestedEnd(to, out string? broken) is not { } other) return broken;
        string[] shared = [.. end.Networks.Select(n => n.Name).Intersect(other.Networks.Select(n => n.Name))];
        if (shared.Length == 0)
        {
            return $"They share no network: '{from.Name}' is in {Names(end)}, '{to.Name}' in {Names(other)}. Connect-ContainerNetwork {end.Networks[0].Name} {to.Name} brings them together.";
        }

        end.Networks.RemoveAll(n => !shared.Contains(n.Name));
        other.Networks.RemoveAll(n => !shared.Contains(n.Name));
        test.To = other;
        return null;

        static string Names(TestNetworkEnd one) => string.Join(", ", one.Networks.Select(n => n.Name));
    }

    /// <summary>A running container with its networks; null with the reason when it has none.</summary>
    private TestNetworkEnd? TestedEnd(ContainerRow row, out string? broken)
    {
        Run run = Current(row);
        List<SuperviseNetwork> networks = NetworksOf(row.Id);
        broken = !run.Running || run.Supervised!.Init is null ? $"'{row.Name}' does not run. Start it: Start-Container {row.Name}."
            : run.Paused ? $"'{row.Name}' is paused. Let it go on: Resume-Container {row.Name}."
            : networks.Count == 0 ? $"'{row.Name}' is connected to no network. Connect it: Connect-ContainerNetwork NETWORK {row.Name}."
            : null;
        return broken is null ? new TestNetworkEnd { Name = row.Name, Init = run.Supervised!.Init!, Networks = networks } : null;
    }

    /// <summary>The container whose network one shares; itself when it has its own.</summary>
    private ContainerRow Sharing(ContainerRow row) =>
        ContainerMode.Of(row.Spec.Network) is { } id && ContainerTable.ById(Catalogue, id) is { } other && other.Id != row.Id ? Sharing(other) : row;

    private ContainerRow? TryResolve(string name)
    {
        try
        {
            return Resolve(name);
        }
        catch (DockerNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Another container in the networks, by one of its addresses there, or by an alias that is its alone.</summary>
    private ContainerRow? ByAddressOrAlias(TestNetworkEnd end, string target)
    {
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        string[] ids = [.. end.Networks
            .SelectMany(n => NetworkTable.ByName(lease, n.Name) is { } network ? AttachmentTable.OfNetwork(lease, network.Id) : [])
            .Where(a => a.Addresses.Contains(target) || a.Aliases.Contains(target, StringComparer.OrdinalIgnoreCase)).Select(a => a.ContainerId).Distinct()];
        return ids.Length == 1 ? ContainerTable.ById(Catalogue, ids[0]) : null;
    }

    private static string? GatewayOf(TestNetworkEnd end) =>
        end.Networks.SelectMany(n => n.LinkAddresses).Select(a => a[..a.IndexOf('/', StringComparison.Ordinal)]).FirstOrDefault();

    private static ContainerNetworkCheck Unlinked(NetworkTestRequest request, string why) =>
        new() { From = request.From, To = request.To, Check = ContainerNetworkCheckKind.Link, Passed = false, Message = why };

    private ContainerNetworkCheck Seen(NetworkTestRequest request, TestNetworkCheck check, ContainerRow from, ContainerRow? to)
    {
        string faults = check.Passed || check.Check != nameof(ContainerNetworkCheckKind.Port) ? "" : string.Concat(
            new[] { from, to }.OfType<ContainerRow>().DistinctBy(row => row.Id).SelectMany(row => FaultsOf(row, Current(row)))
                .Select(fault => $" In effect for '{fault.Container}': {fault}; Set-ContainerNetwork {fault.Container} -Reset ends it."));
        return new ContainerNetworkCheck
        {
            From = request.From,
            To = request.To,
            Network = check.Network ?? "",
            Check = Enum.Parse<ContainerNetworkCheckKind>(check.Check),
            Passed = check.Passed,
            Message = check.Text + faults,
            Duration = TimeSpan.FromMicroseconds(check.Duration),
        };
    }
}
