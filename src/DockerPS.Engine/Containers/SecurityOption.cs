namespace DockerPS.Engine.Containers;

/// <summary>Security options as Docker writes them: <c>NAME=VALUE</c>, or with a colon as it was once.</summary>
internal static class SecurityOption
{
    /// <summary>What stands behind a name; null when the option is another one.</summary>
    public static string? Value(string option, string name) =>
        option.Length > name.Length && option.StartsWith(name, StringComparison.Ordinal) && option[name.Length] is '=' or ':' ? option[(name.Length + 1)..] : null;
}
