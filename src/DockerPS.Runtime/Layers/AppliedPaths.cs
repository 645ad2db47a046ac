using System.Text;

namespace DockerPS.Runtime.Layers;

/// <summary>Paths that a layer brought, with the directories above them: its own whiteouts do not concern them.</summary>
internal sealed class AppliedPaths
{
    // Latin-1 makes a character of each byte, so that any name is kept.
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public void Add(ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty && _paths.Add(Encoding.Latin1.GetString(path)))
            path = path[..Math.Max(0, path.LastIndexOf((byte)'/'))];
    }

    public bool Contains(ReadOnlySpan<byte> path) => _paths.Contains(Encoding.Latin1.GetString(path));
}
