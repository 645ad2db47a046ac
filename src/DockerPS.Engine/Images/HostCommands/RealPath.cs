namespace DockerPS.Engine.Images.HostCommands;

/// <summary>Walks a path of the host through its symbolic links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path without symbolic links.</summary>
    public static string Of(string path) => Walk(path, null, null);

    /// <summary>The path without symbolic links, telling of each directory and each link on the way.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="directory">Called with the path of each real directory.</param>
    /// <param name="link">Called with the path and the target of each link.</param>
    /// <exception cref="IOException">Links go in a circle.</exception>
    public static string Walk(string path, Action<string>? directory, Action<string, string>? link)
    {
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        string current = "";
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == ".") continue;
            if (part == "..")
            {
                current = current.LastIndexOf('/') is > 0 and int slash ? current[..slash] : "";
                continue;
            }

            string next = $"{current}/{part}";
            if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MaxLinks) throw new IOException($"Too many symbolic links in '{path}'.");
                link?.Invoke(next, target);
                if (target.StartsWith('/')) current = "";
                foreach (string piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) rest.Push(piece);
                continue;
            }

            current = next;
            if (rest.Count > 0) directory?.Invoke(current);
        }

        return current.Length == 0 ? "/" : current;
    }
}
