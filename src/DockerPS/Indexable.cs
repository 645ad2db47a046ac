namespace DockerPS;

/// <summary>Lists as PowerShell can index them: it sees an array's or a list's indexer, but none of an interface.</summary>
internal static class Indexable
{
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(list))]
    public static IReadOnlyList<T>? List<T>(IReadOnlyList<T>? list) => list is null or T[] or System.Collections.Generic.List<T> ? list : list.ToArray();
}
