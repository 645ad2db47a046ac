namespace DockerPS.Engine.Images;

/// <summary>How many layers an image may have.</summary>
internal static class LayerLimit
{
    /// <summary>The kernel's overlay stacks 500 directories (OVL_MAX_STACK in fs/overlayfs/params.h); one is for what Mount-ContainerImage puts below.</summary>
    public const int Most = 499;

    /// <exception cref="DockerArgumentException">TooManyLayers.</exception>
    public static void Check(int layers, string image)
    {
        if (layers <= Most) return;
        throw new DockerArgumentException(
            "TooManyLayers",
            $"'{image}' has {layers} layers, and {Most} is the most that the kernel puts upon each other. Build it with fewer, "
            + "or export a container's files and import them as one layer (Export-Container, Import-ContainerImage).",
            image);
    }
}
