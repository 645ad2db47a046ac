using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>What a file gets when its content is in it.</summary>
internal readonly unsafe struct FileFinish
{
    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint Mode { get; init; }

    /// <summary>Whether it has other owners than open gave.</summary>
    public bool HasOwner { get; init; }

    /// <summary>Whether it has another mode than open gave.</summary>
    public bool HasMode { get; init; }

    public LibC.timespec Accessed { get; init; }

    public LibC.timespec Modified { get; init; }

    /// <summary>Sets owner and mode, in this order: chown clears setuid and capabilities.</summary>
    /// <returns>The call that failed, whose error is the last one, or null.</returns>
    public string? SetOwner(int file) =>
        HasOwner && LibC.fchown(file, Uid, Gid) < 0 ? "chown"
        : HasMode && LibC.fchmod(file, Mode) < 0 ? "chmod"
        : null;

    /// <summary>Sets the times, which all else changes.</summary>
    /// <inheritdoc cref="SetOwner" path="/returns"/>
    public string? SetTimes(int file)
    {
        LibC.timespec* times = stackalloc LibC.timespec[2];
        (times[0], times[1]) = (Accessed, Modified);
        return LibC.futimens(file, times) < 0 ? "utimens" : null;
    }
}
