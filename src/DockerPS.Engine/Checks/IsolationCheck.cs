namespace DockerPS.Engine.Checks;

/// <summary>A container to run, and what its output must show.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Script">Shell script that looks at the container from inside.</param>
/// <param name="Spec">Options that the container gets beside the defaults.</param>
/// <param name="Judge">What was seen, for people, and whether it is right.</param>
internal sealed record IsolationCheck(
    string Name, string Script, Func<ContainerSpec, ContainerSpec> Spec, Func<CheckedRun, (bool Passed, string Detail)> Judge);

/// <summary>How a container of a check ended and what it wrote to both streams.</summary>
internal sealed record CheckedRun(int ExitCode, bool OomKilled, string Output, Container Container)
{
    /// <summary>Value of a line <c>KEY: value</c> or <c>KEY=value</c>.</summary>
    public string Value(string key)
    {
        foreach (string line in Output.Split('\n'))
            if (line.StartsWith(key, StringComparison.Ordinal) && line.Length > key.Length && line[key.Length] is ':' or '=') return line[(key.Length + 1)..].Trim();
        return "";
    }
}
