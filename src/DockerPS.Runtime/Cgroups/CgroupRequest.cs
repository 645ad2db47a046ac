using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

/// <summary>What a container's cgroup is made from.</summary>
internal sealed class CgroupRequest
{
    public required CgroupLayout Layout { get; init; }

    public required string Id { get; init; }

    /// <summary><c>linux.cgroupsPath</c>.</summary>
    public string? CgroupsPath { get; init; }

    public RuntimeResources? Resources { get; init; }

    /// <summary>Those named <c>org.systemd.property.*</c> become properties of the scope.</summary>
    public Dictionary<string, string>? Annotations { get; init; }

    /// <summary>systemd makes it (<c>--systemd-cgroup</c>).</summary>
    public bool Systemd { get; init; }

    /// <summary>See <see cref="CgroupPlan.From"/>.</summary>
    public bool Lenient { get; init; }
}
