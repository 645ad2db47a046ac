namespace DockerPS.Engine.Containers;

/// <summary>The layers of a container, as verbs that read them want them.</summary>
internal static class ContainerLayers
{
    /// <summary>The container's own layer over those of its image, topmost first.</summary>
    public static List<string> Of(ContainerDirectory directory, IReadOnlyList<string> image) => [directory.Upper, .. image];

    /// <summary>Where mounts cover the container's root, and the runtime had to make a place for them.</summary>
    public static List<string> MountPoints(ContainerSpec spec) =>
        ["/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", .. spec.Mounts.Select(mount => MountPlan.Clean(mount.Target))];
}
