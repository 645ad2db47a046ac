using DockerPS.Engine.Networks;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Containers;

/// <summary>All that the bundle of one start is made of; making it is a pure function of this.</summary>
internal sealed record BundlePlan
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ContainerSpec Spec { get; init; }
    public required ContainerDirectory Directory { get; init; }
    public required EngineOptions Options { get; init; }

    /// <summary>Topmost first.</summary>
    public required IReadOnlyList<string> Layers { get; init; }
    public required HostFacts Host { get; init; }

    /// <summary>The running containers whose namespaces are shared, by kind (<c>network pid ipc uts</c>).</summary>
    public IReadOnlyDictionary<string, JoinedContainer> Joined { get; init; } = new Dictionary<string, JoinedContainer>();

    /// <summary>Its interfaces, the first with the default route first.</summary>
    public IReadOnlyList<SuperviseNetwork> Networks { get; init; } = [];

    /// <summary>How names are looked up which its networks do not know.</summary>
    public ResolvConf Names { get; init; } = new();

    /// <summary>What the mounts are of, in their order; null for those whose own path says all.</summary>
    public IReadOnlyList<MountSource?> Sources { get; init; } = [];

    /// <summary>Someone reads its output, and maybe feeds its input.</summary>
    public bool Attached { get; init; }
    public bool FeedsInput { get; init; }

    /// <summary>It has a user namespace of its own.</summary>
    public bool OwnUsers => Spec.UserNamespace is { UidMappings.Count: > 0 };

    public bool HostNetwork => Spec.Network == "host";

    public string Hostname => Spec.Hostname
        ?? (Joined.TryGetValue("network", out JoinedContainer? joined) ? joined.Hostname
            : HostNetwork || Spec.UtsMode == "host" ? Host.HostName
            : Id[..12]);
}

/// <summary>A running container of which a namespace is joined.</summary>
internal sealed record JoinedContainer(ContainerDirectory Directory, int Pid, string Hostname);
