namespace DockerPS.Engine.Containers;

/// <summary>The mode of a namespace that is another container's: <c>container:NAME</c>.</summary>
internal static class ContainerMode
{
    private const string Prefix = "container:";

    /// <summary>Whether a mode says so, with a name.</summary>
    public static bool Is(string? mode) => Of(mode) is not null;

    /// <summary>The other container's name or id; null for every other mode.</summary>
    public static string? Of(string? mode) =>
        mode is { Length: > 10 } && mode.StartsWith(Prefix, StringComparison.Ordinal) ? mode[Prefix.Length..] : null;

    /// <summary>The mode for a container.</summary>
    public static string For(string name) => Prefix + name;
}
