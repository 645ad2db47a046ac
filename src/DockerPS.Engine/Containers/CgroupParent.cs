namespace DockerPS.Engine.Containers;

/// <summary>Where in the hierarchy the cgroups of containers are made.</summary>
internal static class CgroupParent
{
    private const string Default = "/dockerps";

    /// <summary>The absolute path of a parent as it was given, with or without a leading slash; null is the default.</summary>
    /// <exception cref="DockerArgumentException">InvalidCgroupParent.</exception>
    public static string Of(string? given)
    {
        if (given is null) return Default;
        string[] parts = given.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Any(p => p is "." or "..") || given.AsSpan().ContainsAny("\0\n"))
        {
            throw new DockerArgumentException(
                "InvalidCgroupParent", $"'{given}' is no cgroup that can be a parent. Write a path below the root of the hierarchy, such as /limits/web.", given);
        }

        return "/" + string.Join('/', parts);
    }
}
