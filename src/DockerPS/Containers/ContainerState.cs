namespace DockerPS;

/// <summary>Where a container stands in its life cycle; the words are Docker's.</summary>
public enum ContainerState
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Its first process runs.</summary>
    Running,

    /// <summary>Its processes are frozen by the cgroup freezer.</summary>
    Paused,

    /// <summary>Its first process has ended; the file system and log remain.</summary>
    Exited,

    /// <summary>It is being removed.</summary>
    Removing,
}
