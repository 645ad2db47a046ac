namespace DockerPS.Engine.Store;

/// <summary>What is mounted where, as this process sees it (proc_pid_mountinfo(5)).</summary>
internal static class MountTable
{
    private const int PathField = 4;

    /// <summary>Whether something with this source is mounted at a path.</summary>
    public static bool Has(string path, string source) => File.ReadLines("/proc/self/mountinfo").Any(line =>
    {
        string[] fields = line.Split(' ');
        // The optional fields end with a dash; type and source follow.
        int dash = Array.IndexOf(fields, "-");
        return dash > 0 && dash + 2 < fields.Length && fields[dash + 2] == source && Unescape(fields[PathField]) == path;
    });

    private static string Unescape(string text) => text.Contains('\\', StringComparison.Ordinal)
        ? text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal)
        : text;
}
