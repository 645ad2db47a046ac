using System.Globalization;
using System.Runtime.InteropServices;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Checks;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Runtime;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Names of runtimes that a container can be made by.</summary>
    public static IReadOnlyList<string> RuntimeNames => [OciRuntimes.Own, .. OciRuntimes.Installed().Select(r => r.Name)];

    /// <summary>The engine and the machine under it.</summary>
    public ContainerEngineInfo GetInfo()
    {
        IReadOnlyList<Container> containers = GetContainers(new ContainerFilter { All = true });
        var warnings = new List<string>();
        if (!Environment.IsPrivilegedProcess) warnings.Add("Not root: containers cannot be made or started. Run PowerShell as root.");
        if (!_host.Value.SwapAccounting) warnings.Add("This kernel does not count swap: limits are of memory alone.");
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        return new ContainerEngineInfo
        {
            Version = typeof(ContainerEngine).Assembly.GetName().Version?.ToString(3) ?? "",
            Root = _options.Root,
            RunRoot = _options.RunRoot,
            RuntimePath = _options.RuntimePath,
            RuntimeVersion = RuntimeVersion(warnings),
            Containers = containers.Count,
            Running = containers.Count(c => c.State == ContainerState.Running),
            Paused = containers.Count(c => c.State == ContainerState.Paused),
            Stopped = containers.Count(c => c.State is ContainerState.Created or ContainerState.Exited),
            Images = (int)lease.Scalar("SELECT count(*) FROM images"),
            StorageDriver = "overlay",
            CgroupVersion = _host.Value.CgroupVersion,
            CgroupDriver = "cgroupfs",
            KernelVersion = FirstLine("/proc/sys/kernel/osrelease"),
            OperatingSystem = OperatingSystemName(),
            Architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            Cpus = Environment.ProcessorCount,
            Memory = TotalMemory(),
            HostName = Environment.MachineName,
            Runtimes = [new ContainerEngineRuntime(OciRuntimes.Own, _options.RuntimePath), .. OciRuntimes.Installed()],
            Features = new HostFeatures("/").Read(),
            Warnings = warnings,
        };
    }

    private string RuntimeVersion(List<string> warnings)
    {
        try
        {
            return RuntimeProcess.Text(_options.RuntimePath, "--version").Split('\n')[0].Trim().Split(' ')[^1];
        }
        catch (DockerEnvironmentException e)
        {
            warnings.Add(e.Message);
            return "";
        }
    }

    private static string FirstLine(string path) => File.ReadLines(path).FirstOrDefault("").Trim();

    private static string OperatingSystemName()
    {
        const string key = "PRETTY_NAME=";
        string? line = File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))
            : null;
        return line?[key.Length..].Trim('"') ?? RuntimeInformation.OSDescription;
    }

    private static long TotalMemory()
    {
        const string key = "MemTotal:";
        string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
