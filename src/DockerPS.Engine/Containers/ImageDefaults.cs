namespace DockerPS.Engine.Containers;

/// <summary>Fills what a specification leaves open from the image's config.</summary>
internal static class ImageDefaults
{
    public const string Path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Docker's rules: an entrypoint of the specification (also an empty one) makes the image's command void; a command of the
    /// specification replaces the image's; environment and labels are joined, the specification's winning.
    /// </summary>
    /// <exception cref="DockerArgumentException">NoCommand: neither names anything to execute.</exception>
    public static ContainerSpec Merge(ContainerSpec spec, ContainerImage image)
    {
        ContainerImageConfiguration config = image.Config;
        IReadOnlyList<string> command = spec.Command is { Count: > 0 } own ? own : spec.Entrypoint is null ? config.Command : [];
        // An entrypoint of one empty text is how Docker's command line writes "none".
        IReadOnlyList<string> entrypoint = spec.Entrypoint is null ? config.Entrypoint
            : spec.Entrypoint is [""] ? []
            : spec.Entrypoint;
        if (entrypoint.Count + command.Count == 0)
        {
            throw new DockerArgumentException(
                "NoCommand",
                $"Image '{spec.Image}' names no command, and none was given. Say what to run, for example -Command sh.",
                spec.Image);
        }

        return spec with
        {
            Entrypoint = entrypoint,
            Command = command,
            Environment = MergeEnvironment([Path], config.Environment, spec.Environment),
            Labels = MergeLabels(config.Labels, spec.Labels),
            User = string.IsNullOrEmpty(spec.User) ? Null(config.User) : spec.User,
            WorkingDirectory = string.IsNullOrEmpty(spec.WorkingDirectory) ? Null(config.WorkingDirectory) : spec.WorkingDirectory,
            ExposedPorts = [.. config.ExposedPorts.Where(IsPort).Union(spec.ExposedPorts)],
            Ports = spec.PublishAllPorts ? [.. spec.Ports, .. Exposed(spec, config)] : spec.Ports,
            StopSignal = string.IsNullOrEmpty(spec.StopSignal) ? Null(config.StopSignal) : spec.StopSignal,
        };
    }

    /// <summary>An image may expose what cannot be published here (<c>80/sctp</c>); it runs all the same.</summary>
    private static bool IsPort(string text)
    {
        try
        {
            return ContainerPort.Parse(text).Count > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Every port that is exposed and not published already, each on a free one.</summary>
    private static IEnumerable<ContainerPort> Exposed(ContainerSpec spec, ContainerImageConfiguration config) =>
        config.ExposedPorts.Where(IsPort).Concat(spec.ExposedPorts).Distinct().SelectMany(ContainerPort.Parse)
            .Where(port => !spec.Ports.Any(p => p.Port == port.Port && p.Protocol == port.Protocol));

    /// <summary>Later lists win; a name keeps the place of its first mention. A text without <c>=</c> unsets the name.</summary>
    public static List<string> MergeEnvironment(params ReadOnlySpan<IReadOnlyList<string>> lists)
    {
        var merged = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (IReadOnlyList<string> list in lists)
        {
            foreach (string entry in list)
            {
                int equals = entry.IndexOf('=', StringComparison.Ordinal);
                if (equals < 0) merged.Remove(entry);
                else merged[entry[..equals]] = entry;
            }
        }

        return [.. merged.Values];
    }

    private static Dictionary<string, string> MergeLabels(
        IReadOnlyDictionary<string, string> image, IReadOnlyDictionary<string, string> own)
    {
        var merged = new Dictionary<string, string>(image, StringComparer.Ordinal);
        foreach ((string key, string value) in own) merged[key] = value;
        return merged;
    }

    private static string? Null(string text) => text.Length == 0 ? null : text;
}
