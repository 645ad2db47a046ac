namespace DockerPS.Runtime.Contain;

/// <summary>What is particular to the step of a device, in <see cref="Step.Clear"/>.</summary>
internal static class DeviceTraits
{
    /// <summary>Do not try to make the node: bind the machine's of the same path.</summary>
    public const ulong Bind = 1;

    /// <summary>Bind the machine's over another file that is there, as an unpacked image may have an empty one.</summary>
    public const ulong Replace = 2;
}
