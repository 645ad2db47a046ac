namespace DockerPS.Engine.Runtime;

/// <summary>Parts of trees that can be removed side by side.</summary>
internal static class TreeParts
{
    /// <summary>How many processes remove: they wait for the disk, not for processors.</summary>
    private const int Shares = 8;

    /// <summary>Trees with fewer directories than this are removed as quickly by one process.</summary>
    private const int Enough = 256;

    private const int MaxParts = 4096, MaxDepth = 8;

    private static readonly EnumerationOptions NoLinks = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true,
    };

    /// <summary>Directories of the trees, dealt out evenly; none when the trees are small. The trees themselves remain to be removed after.</summary>
    public static IReadOnlyList<List<string>> Share(IReadOnlyList<string> trees)
    {
        List<string> parts = [.. trees.SelectMany(Split).Take(MaxParts)];
        if (parts.Count < Enough) return [];
        var shares = new List<string>[Shares];
        for (int i = 0; i < Shares; i++) shares[i] = [.. parts.Where((_, index) => index % Shares == i)];
        return shares;
    }

    /// <summary>The first level of directories that has enough of them.</summary>
    private static List<string> Split(string tree)
    {
        List<string> level = [tree];
        try
        {
            for (int depth = 0; depth < MaxDepth && level.Count is > 0 and < Enough; depth++)
                level = [.. level.SelectMany(directory => Directory.EnumerateDirectories(directory, "*", NoLinks)).Take(MaxParts)];
        }
        catch (IOException)
        {
            // A name that is no text, or too long: whoever removes the whole tree works with bytes.
        }

        return level;
    }
}
