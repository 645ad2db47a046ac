using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images;

/// <summary>The config of an image that is made of a container: its image's, with what the container was told to run, and the changes.</summary>
internal static class ContainerConfig
{
    /// <summary>What Docker wrote of the container that an image was built in; it says nothing of this one.</summary>
    private static readonly string[] OfOtherContainers = ["id", "parent", "container", "container_config", "docker_version"];

    /// <param name="config">Of the container's image; becomes the new one.</param>
    /// <param name="spec">Of the container.</param>
    /// <param name="commit">What was asked for.</param>
    /// <param name="time">When the image is made.</param>
    /// <exception cref="DockerArgumentException">InvalidChange.</exception>
    public static void Apply(ImageConfig config, ContainerSpec spec, ContainerCommit commit, DateTimeOffset time)
    {
        foreach (string key in OfOtherContainers) config.Others?.Remove(key);
        ImageExecution execution = config.Config ??= new ImageExecution();
        execution.Entrypoint = spec.Entrypoint is { Count: > 0 } entrypoint ? [.. entrypoint] : null;
        execution.Cmd = spec.Command is { Count: > 0 } command ? [.. command] : null;
        execution.Env = [.. spec.Environment];
        execution.User = spec.User;
        execution.WorkingDir = spec.WorkingDirectory;
        execution.StopSignal = spec.StopSignal;
        execution.Labels = spec.Labels.Count == 0 ? null : new SortedDictionary<string, string>(spec.Labels.ToDictionary(), StringComparer.Ordinal);
        foreach (string change in commit.Changes) ConfigChange.Apply(execution, change);
        config.Created = ImageConfigurations.Time(time);
        config.Author = commit.Author ?? config.Author;
    }

    /// <summary>Adds the container's layer, or without one a step of history alone.</summary>
    public static void AddLayer(ImageConfig config, ContainerSpec spec, ContainerCommit commit, string? diffId)
    {
        Oci.ImageSpec.RootFileSystem rootfs = config.Rootfs ??= new Oci.ImageSpec.RootFileSystem();
        List<string> diffIds = rootfs.DiffIds ??= [];
        List<HistoryEntry> history = config.History ??= [];
        // Each step with a layer stands for the next one: those that nothing tells of get one, so that ours stands for its own.
        while (history.Count(step => step.EmptyLayer != true) < diffIds.Count) history.Add(new HistoryEntry());
        if (diffId is not null) diffIds.Add(diffId);
        history.Add(new HistoryEntry
        {
            Created = config.Created,
            CreatedBy = string.Join(' ', [.. spec.Entrypoint ?? [], .. spec.Command ?? []]),
            Author = commit.Author,
            Comment = commit.Message,
            EmptyLayer = diffId is null ? true : null,
        });
    }
}
