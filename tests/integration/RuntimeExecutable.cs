using System.Runtime.InteropServices;
using Xunit;

namespace DockerPS.Integration;

/// <summary>Where the native executable under test is: DOCKERPS_RUNTIME, else the built module's.</summary>
internal static partial class RuntimeExecutable
{
    /// <summary>Its path; skips the test, saying why, where it cannot run.</summary>
    public static string Path
    {
        get
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: dockerps-runtime runs on Linux only.");
            Assert.SkipUnless(geteuid() == 0, "SKIPPED: this test needs root (namespaces, mounts, devices, owners).");
            string? path = Find();
            Assert.SkipWhen(path is null,
                "SKIPPED: no dockerps-runtime: build the module (dotnet build) or set DOCKERPS_RUNTIME to the executable.");
            return path!;
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("DOCKERPS_RUNTIME") is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(directory.FullName, "DockerPS.sln"))) continue;
            string built = System.IO.Path.Combine(directory.FullName, "module", "DockerPS", "bin", "dockerps-runtime");
            return File.Exists(built) ? built : null;
        }
        return null;
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
