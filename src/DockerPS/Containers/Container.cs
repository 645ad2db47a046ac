using System.Globalization;

namespace DockerPS;

/// <summary>A container as it was when it was read: one object carries what <c>docker ps</c> and <c>docker inspect</c> show.</summary>
public sealed record Container
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The first 12 digits of <see cref="Id"/>.</summary>
    public string ShortId => Id.Length > 12 ? Id[..12] : Id;

    public required string Name { get; init; }

    /// <summary>The image as it was named at creation (<c>mysql:5.7</c>).</summary>
    public required string Image { get; init; }

    /// <summary>Digest of the image's config (<c>sha256:…</c>).</summary>
    public required string ImageId { get; init; }

    /// <summary>Entrypoint and command as one line.</summary>
    public string Command => string.Join(' ', CommandLine.Select(a => a.Length == 0 || a.Contains(' ') ? $"\"{a}\"" : a));

    /// <summary>What is executed: entrypoint followed by command.</summary>
    public required IReadOnlyList<string> CommandLine { get; init => field = Indexable.List(value); }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public required ContainerState State { get; init; }

    /// <summary>As Docker says it: <c>Created</c>, <c>Up 3 minutes</c>, <c>Up 2 hours (Paused)</c>, <c>Exited (0) 5 seconds ago</c>.</summary>
    public string Status => ContainerStatus.Describe(State, ExitCode, Started, Finished, DateTimeOffset.UtcNow);

    /// <summary>Exit code of the last run; null before the first end. 125 engine, 126 not executable, 127 not found, 128+n signal.</summary>
    public int? ExitCode { get; init; }

    /// <summary>True when the kernel killed a process of the last run for lack of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>Why the last start failed or ended unexpectedly, else null.</summary>
    public string? Error { get; init; }

    /// <summary>The first process's id on the host while running, else null.</summary>
    public int? Pid { get; init; }

    /// <summary>Ports of this machine that lead to it while it runs.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init => field = Indexable.List(value); } = [];

    /// <summary>Faults of its networks that are in effect (<c>Set-ContainerNetwork</c>).</summary>
    public IReadOnlyList<ContainerNetworkFault> Faults { get; init => field = Indexable.List(value); } = [];

    public IReadOnlyDictionary<string, string> Labels => Spec.Labels;

    public IReadOnlyList<ContainerMount> Mounts => Spec.Mounts;

    /// <summary><c>none</c>, <c>host</c> or <c>container:ID</c>.</summary>
    public string Network => Spec.Network;

    /// <summary>Its user namespace, with the ids that it has on the host.</summary>
    public ContainerUserNamespace UserNamespace => Spec.UserNamespace ?? new ContainerUserNamespace();

    /// <summary>The OCI runtime that makes it.</summary>
    public string Runtime => Spec.Runtime ?? "dockerps-runtime";

    public string Hostname => Spec.Hostname ?? ShortId;

    /// <summary>Memory limit in bytes; null is unlimited.</summary>
    public long? MemoryLimit => Spec.Memory?.Bytes;

    /// <summary>CPUs' worth of time; null is unlimited.</summary>
    public decimal? CpuLimit => Spec.Cpus;

    /// <summary>Number of processes allowed; null is unlimited.</summary>
    public long? PidsLimit => Spec.PidsLimit;

    public bool AutoRemove => Spec.AutoRemove;

    /// <summary>Everything it was asked to be, with the image's defaults filled in.</summary>
    public required ContainerSpec Spec { get; init; }

    /// <summary>The log in Docker's json-file format.</summary>
    public required string LogPath { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Equality is by id: the same container read twice is the same container.</summary>
    public bool Equals(Container? other) => other is not null && other.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Id, StringComparison.Ordinal);
}

/// <summary>The wording of <see cref="Container.Status"/>.</summary>
public static class ContainerStatus
{
    /// <summary>Docker's sentence for a state at an instant.</summary>
    public static string Describe(
        ContainerState state, int? exitCode, DateTimeOffset? started, DateTimeOffset? finished, DateTimeOffset now) => state switch
    {
        ContainerState.Created => "Created",
        ContainerState.Running => "Up " + Age(now - (started ?? now)),
        ContainerState.Paused => "Up " + Age(now - (started ?? now)) + " (Paused)",
        ContainerState.Exited => string.Create(
            CultureInfo.InvariantCulture, $"Exited ({exitCode ?? 0}) {Age(now - (finished ?? now))} ago"),
        _ => "Removal In Progress",
    };

    /// <summary>A duration as Docker words it: <c>Less than a second</c>, <c>5 seconds</c>, <c>About an hour</c>, <c>3 weeks</c>.</summary>
    public static string Age(TimeSpan age)
    {
        long seconds = (long)Math.Max(0, age.TotalSeconds);
        long minutes = seconds / 60;
        long hours = (long)Math.Round(age.TotalHours, MidpointRounding.AwayFromZero);
        return (seconds, minutes, hours) switch
        {
            ( < 1, _, _) => "Less than a second",
            (1, _, _) => "1 second",
            ( < 60, _, _) => string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds"),
            (_, 1, _) => "About a minute",
            (_, < 60, _) => string.Create(CultureInfo.InvariantCulture, $"{minutes} minutes"),
            (_, _, <= 1) => "About an hour",
            (_, _, < 48) => string.Create(CultureInfo.InvariantCulture, $"{hours} hours"),
            (_, _, < 24 * 7 * 2) => string.Create(CultureInfo.InvariantCulture, $"{hours / 24} days"),
            (_, _, < 24 * 30 * 2) => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 7} weeks"),
            (_, _, < 24 * 365 * 2) => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 30} months"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{hours / 24 / 365} years"),
        };
    }
}
