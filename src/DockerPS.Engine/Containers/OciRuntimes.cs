namespace DockerPS.Engine.Containers;

/// <summary>OCI runtimes beside our own, by name or path.</summary>
internal static class OciRuntimes
{
    /// <summary>The name of our own.</summary>
    public const string Own = "dockerps-runtime";

    /// <summary>Names under which runtimes are known; others are found too.</summary>
    public static IReadOnlyList<string> Known { get; } = ["crun", "runc", "runsc", "youki", "kata-runtime"];

    /// <summary>Where administrators' programs are, whatever PATH the session has.</summary>
    private static readonly string[] s_directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The executable's path; null is our own.</summary>
    /// <exception cref="DockerArgumentException">RuntimeNotFound.</exception>
    public static string? Find(string? runtime)
    {
        if (IsOwn(runtime)) return null;
        string? found = runtime!.StartsWith('/') ? (IsExecutable(runtime) ? runtime : null) : runtime.Contains('/', StringComparison.Ordinal) ? null : Search(runtime);
        return found ?? throw new DockerArgumentException(
            "RuntimeNotFound",
            $"There is no OCI runtime '{runtime}' on this machine. Install it (apt install crun), give the absolute path of its executable, or leave -Runtime out.",
            runtime);
    }

    public static bool IsOwn(string? runtime) => runtime is null or Own;

    /// <summary>Known runtimes that are installed: name and path.</summary>
    public static IEnumerable<ContainerEngineRuntime> Installed() =>
        Known.Select(name => (Name: name, Path: Search(name))).Where(r => r.Path is not null).Select(r => new ContainerEngineRuntime(r.Name, r.Path!));

    private static string? Search(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(d => d.StartsWith('/')).Concat(s_directories).Select(d => Path.Join(d, name)).FirstOrDefault(IsExecutable);

    private static bool IsExecutable(string path) => !OperatingSystem.IsWindows() && File.Exists(path)
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
