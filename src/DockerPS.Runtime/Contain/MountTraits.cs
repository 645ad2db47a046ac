namespace DockerPS.Runtime.Contain;

/// <summary>What is particular to a mount step, in <see cref="Step.Value"/>.</summary>
internal static class MountTraits
{
    /// <summary>With all mounts below the source.</summary>
    public const ulong Recursive = 1;

    /// <summary>The source is the detached tree <see cref="Step.Fd"/>, made before the fork.</summary>
    public const ulong GivenTree = 2;

    /// <summary>The path is below the tree that an earlier step kept, not below the root.</summary>
    public const ulong BelowTree = 4;

    /// <summary>Later steps go below this mount.</summary>
    public const ulong KeepTree = 8;

    /// <summary>The place may be in procfs.</summary>
    public const ulong InsideProcfs = 0x10;

    /// <summary>The source must be procfs.</summary>
    public const ulong ProcfsSource = 0x20;

    /// <summary>No part of the place may be a symbolic link.</summary>
    public const ulong NoLinks = 0x40;

    /// <summary>The mode of the directory there is written into the "mode=" at <see cref="Step.Extra"/> of <see cref="Step.Data"/>.</summary>
    public const ulong ModeOfTarget = 0x80;

    /// <summary>What the directory there holds is copied into the new file system.</summary>
    public const ulong CopyUp = 0x100;

    /// <summary>The root is detached, and nothing in it may be a peer of what the machine has mounted.</summary>
    public const ulong InDetachedRoot = 0x200;
}
