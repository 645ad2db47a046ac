namespace DockerPS.Integration.Registry;

/// <summary>A script <c>docker-credential-NAME</c> in front of PATH until Dispose.</summary>
internal sealed class HelperOnPath : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-helper-").FullName;
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public HelperOnPath(string name, string script)
    {
        string file = Path.Combine(_directory, "docker-credential-" + name);
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, (UnixFileMode)0x1ED); // 0755
        Environment.SetEnvironmentVariable("PATH", $"{_directory}:{_path}");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_directory, recursive: true);
    }
}
