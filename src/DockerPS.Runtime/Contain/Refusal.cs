namespace DockerPS.Runtime.Contain;

/// <summary>
/// Reasons of the child's own, beyond the kernel's error numbers, for which a step is refused. They travel in the same field.
/// </summary>
internal static class Refusal
{
    /// <summary>What was to be written is not on procfs: somebody has mounted something else there.</summary>
    public const int NotProcfs = 5001;

    /// <summary>The place of a mount is inside of procfs, perhaps through a link of the image.</summary>
    public const int InsideProcfs = 5002;

    /// <summary>Only procfs may be mounted on /proc.</summary>
    public const int SourceIsNotProcfs = 5003;

    /// <summary>There is a file, and it is not the device that was asked for.</summary>
    public const int OtherFile = 5004;

    /// <summary>The container's /dev/pts is no devpts.</summary>
    public const int NotDevpts = 5005;

    /// <summary>The directory is outside of the container.</summary>
    public const int Outside = 5006;

    /// <summary>The device that was to be bound has another number on the host.</summary>
    public const int OtherDevice = 5007;

    /// <summary>Deeper than is copied.</summary>
    public const int TooDeep = 5008;

    /// <summary>The sentence for it, or null for a number of the kernel.</summary>
    public static string? Text(int errno) => errno switch
    {
        NotProcfs => "refused, because that is not on procfs. Unmount whatever covers /proc on this machine.",
        InsideProcfs => "refused, because the place is inside of procfs, perhaps through a symbolic link. Mount it elsewhere.",
        SourceIsNotProcfs => "refused, because only procfs may be mounted on /proc.",
        OtherFile => "refused, because another file is there. Remove it from the root file system, or leave the device out.",
        NotDevpts => "refused, because the container's /dev/pts is no devpts. Add a mount of type devpts on /dev/pts.",
        Outside => "refused, because that directory is outside of the container. Name one of the container's.",
        OtherDevice => "refused, because the device of that path on this machine has other numbers; a user namespace can only be given the machine's.",
        TooDeep => "refused, because directories lie deeper than 64 levels there.",
        _ => null,
    };
}
