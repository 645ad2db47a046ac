using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Networks.Faults;

/// <summary>Faults of a running container's networks: made on request, ended by their time. All of them end with the container's network namespace.</summary>
/// <param name="networks">What the container is connected to.</param>
/// <param name="pid">A process in its network namespace.</param>
/// <param name="changed">Told what is in effect after a change.</param>
internal sealed class NetworkFaults(ContainerNetworks networks, int pid, Action<List<SuperviseFault>> changed)
{
    private readonly Dictionary<(string Network, string Kind), (long, int)> _timers = [];
    private readonly FaultRules _rules = new(pid);
    private List<SuperviseFault> _inEffect = [];

    /// <summary>Each replaces what its network has of its kind.</summary>
    /// <exception cref="RuntimeFailureException">This machine cannot do it; everything is as it was before.</exception>
    public void Change(List<SuperviseFault> wanted)
    {
        List<SuperviseFault> before = _inEffect;
        List<SuperviseFault> after = [.. before.Where(f => !wanted.Exists(w => Same(w, f))), .. wanted.Where(w => w.Value > 0)];
        foreach (SuperviseFault fault in wanted.Where(f => f.Duration > 0)) fault.Until = DateTimeOffset.UtcNow.AddMilliseconds(fault.Duration);
        try
        {
            Apply(before, after);
            changed(after);
        }
        catch (Exception e) when (e is RuntimeFailureException or LinuxException)
        {
            TryApply(after, before);
            throw;
        }

        _inEffect = after;
        foreach (SuperviseFault fault in wanted) SetTimer(fault);
    }

    /// <summary>A network's interface is gone, and its faults with it.</summary>
    public void Forget(string network)
    {
        if (_inEffect.Exists(f => f.Network == network)) End([.. _inEffect.Where(f => f.Network == network)]);
    }

    private void SetTimer(SuperviseFault fault)
    {
        if (_timers.Remove((fault.Network, fault.Kind), out (long, int) old)) networks.Loop.Cancel(old);
        if (fault.Value == 0 || fault.Duration == 0) return;
        _timers[(fault.Network, fault.Kind)] = networks.Loop.After(TimeSpan.FromMilliseconds(fault.Duration), () => End([fault]));
    }

    /// <summary>Whatever does not work any more then is no reason for the supervisor to end.</summary>
    private void End(List<SuperviseFault> ended)
    {
        List<SuperviseFault> after = [.. _inEffect.Except(ended)];
        TryApply(_inEffect, after);
        _inEffect = after;
        foreach (SuperviseFault fault in ended)
            if (_timers.Remove((fault.Network, fault.Kind), out (long, int) timer)) networks.Loop.Cancel(timer);
    }

    private void TryApply(List<SuperviseFault> before, List<SuperviseFault> after)
    {
        try
        {
            Apply(before, after);
            changed(after);
        }
        catch (Exception e) when (e is RuntimeFailureException or LinuxException)
        {
            // What cannot be taken back goes with the interface; what cannot be written, as on a full disk, has its end in the state all the same.
        }
    }

    private void Apply(List<SuperviseFault> before, List<SuperviseFault> after)
    {
        SuperviseFault[] changes = [.. before.Except(after), .. after.Except(before)];
        foreach (string name in changes.Where(f => !FaultRules.Makes(f)).Select(f => f.Network).Distinct())
        {
            // Of one that was disconnected nothing is left to be changed.
            if (Connected(name) is { } network) FaultQueues.Set(network, pid, Of(name, FaultKinds.Rate), Of(name, FaultKinds.Latency));
        }

        if (changes.Any(FaultRules.Makes))
            _rules.Set([.. after.Where(f => FaultRules.Makes(f) && Connected(f.Network) is not null).Select(f => (Connected(f.Network)!.Interface, f))]);

        SuperviseFault? Of(string network, string kind) => after.Find(f => f.Network == network && f.Kind == kind);
    }

    private SuperviseNetwork? Connected(string name) => networks.Connected.FirstOrDefault(n => n.Name == name);

    private static bool Same(SuperviseFault one, SuperviseFault other) => one.Network == other.Network && one.Kind == other.Kind;
}
