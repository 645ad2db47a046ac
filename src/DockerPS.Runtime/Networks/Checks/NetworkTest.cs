using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Networks.Checks;

/// <summary>Looks from within a container whether something is reached, step by step: each check is an observation of its own.</summary>
internal sealed class NetworkTest(TestNetworkRequest request) : IDisposable
{
    private readonly ContainerEnd _from = new(request.From);
    private readonly ContainerEnd? _to = request.To is { } to ? new ContainerEnd(to) : null;
    private readonly List<TestNetworkCheck> _checks = [];
    private readonly TimeSpan _patience = TimeSpan.FromMilliseconds(request.Timeout);

    public List<TestNetworkCheck> Run()
    {
        if (_to is null) Outside();
        else Inside(_to);
        return _checks;
    }

    public void Dispose()
    {
        _from.Dispose();
        _to?.Dispose();
    }

    /// <summary>Another container, in each network of both.</summary>
    private void Inside(ContainerEnd to)
    {
        var addresses = new List<IPAddress>();
        foreach (SuperviseNetwork own in request.From.Networks)
        {
            if (request.To!.Networks.Find(n => n.Name == own.Name) is not { } theirs) continue;
            IPAddress[] targets = ContainerEnd.Addresses(theirs);
            addresses.AddRange(targets);
            Check("Link", own.Name, () => Both(_from.Link(own), to.Link(theirs)));
            Check("Address", own.Name, () => Both(_from.Address(own), to.Address(theirs)));
            Check("Route", own.Name, () => Both(_from.Route(own, targets), to.Route(theirs, ContainerEnd.Addresses(own))));
        }

        string? only = request.From.Networks.Count == 1 ? request.From.Networks[0].Name : null;
        if (request.Name is { } name) Check("Name", only, () => NameOf(name, addresses));
        if (request.Port > 0) Check("Port", only, () => Port(addresses));
    }

    /// <summary>Something else: the network through which the way leads is looked at.</summary>
    private void Outside()
    {
        List<IPAddress> addresses = [.. request.Addresses.Select(IPAddress.Parse)];
        TestNetworkCheck? name = request.Name is { } asked ? Observe("Name", null, () => Resolve(asked, addresses)) : null;
        SuperviseNetwork? by = addresses.Select(a => _from.NetworkTo(a)).FirstOrDefault(n => n is not null);
        SuperviseNetwork seen = by ?? request.From.Networks.Find(n => n.Gateways.Count > 0) ?? request.From.Networks[0];
        Check("Link", seen.Name, () => _from.Link(seen));
        Check("Address", seen.Name, () => _from.Address(seen));
        if (addresses.Count > 0) Check("Route", by?.Name, () => _from.WayOut(by, addresses));
        if (name is not null) _checks.Add(name);
        if (request.Port > 0 && addresses.Count > 0) Check("Port", by?.Name, () => Port(addresses));
    }

    private (bool, string) NameOf(string name, List<IPAddress> expected)
    {
        NameAnswer answer = _from.Ask(name, expected.Any(IsSix), expected.Any(a => !IsSix(a)), _patience);
        if (answer.Failure is { } failure) return (false, failure);
        if (answer.Addresses.Any(expected.Contains)) return (true, $"'{name}' is {string.Join(", ", answer.Addresses)}.");
        return answer.Addresses.Count > 0
            ? (false, $"'{name}' is {string.Join(", ", answer.Addresses)} and not {string.Join(", ", expected)}: something else has that name. Look at -Alias and names with Get-ContainerNetwork.")
            : (false, $"The name server of '{request.From.Name}' knows no '{name}'. Connect both to one network again, or restart '{name}': Restart-Container {name}.");
    }

    private (bool, string) Resolve(string name, List<IPAddress> addresses)
    {
        if (addresses.Count > 0) return (true, $"'{name}' is {string.Join(", ", addresses)} by /etc/hosts of '{request.From.Name}'.");
        NameAnswer answer = _from.Ask(name, six: true, four: true, _patience);
        if (answer.Failure is { } failure) return (false, failure);
        addresses.AddRange(answer.Addresses);
        return answer.Addresses.Count > 0
            ? (true, $"'{name}' is {string.Join(", ", answer.Addresses)}.")
            : (false, $"Nobody knows '{name}': no container of the networks is called so, nor do this machine's name servers know it. Check the name, or -Dns of '{request.From.Name}'.");
    }

    private (bool, string) Port(List<IPAddress> addresses)
    {
        var failures = new List<(IPEndPoint Target, string Why)>();
        foreach (IPAddress address in addresses)
        {
            var target = new IPEndPoint(address, request.Port);
            (bool passed, string text) = new PortProbe(_from, _to, request.Udp, _patience).Try(target);
            if (passed) return (true, text);
            failures.Add((target, text));
        }

        return (false, string.Join(" ", failures.GroupBy(f => f.Why, f => f.Target).Select(why => $"{string.Join(" and ", why)}: {why.Key}")));
    }

    private static (bool, string) Both((bool Passed, string Text) one, (bool Passed, string Text) other) =>
        one.Passed == other.Passed ? (one.Passed, $"{one.Text} {other.Text}") : one.Passed ? other : one;

    private void Check(string check, string? network, Func<(bool Passed, string Text)> look) => _checks.Add(Observe(check, network, look));

    private static TestNetworkCheck Observe(string check, string? network, Func<(bool Passed, string Text)> look)
    {
        long begun = Stopwatch.GetTimestamp();
        (bool passed, string text) = look();
        return new TestNetworkCheck
        {
            Check = check, Network = network, Passed = passed, Text = text, Duration = (long)Stopwatch.GetElapsedTime(begun).TotalMicroseconds,
        };
    }

    private static bool IsSix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
