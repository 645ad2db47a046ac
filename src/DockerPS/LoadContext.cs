using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace DockerPS;

/// <summary>
/// The module's private load context: cmdlets, engine and their packages live in it, so that another module in the same process may
/// have another version of the same package. Only this assembly, whose types users hold, is shared; what is not in the directory
/// (the framework, System.Management.Automation) comes from the default context.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private static readonly Lock Gate = new();
    private static Assembly? _module;

    private readonly string _directory;

    private LoadContext(string directory) : base("DockerPS") => _directory = directory;

    /// <summary>The assembly with the cmdlets, from the directory of this one; loaded once a process, by whichever runspace comes first.</summary>
    public static Assembly LoadModule()
    {
        lock (Gate)
        {
            if (_module is null)
            {
                string directory = Path.GetDirectoryName(typeof(LoadContext).Assembly.Location)!;
                _module = new LoadContext(directory).LoadFromAssemblyPath(Path.Combine(directory, "DockerPS.Module.dll"));
            }
            return _module;
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        Assembly shared = typeof(LoadContext).Assembly;
        if (assemblyName.Name == shared.GetName().Name) return shared;
        string path = Path.Combine(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        // A published module has its native libraries under runtimes/<rid>/native; one built for a single machine has them beside.
        string[] places = [Path.Combine(_directory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.Combine(_directory, "runtimes", PortableRuntimeIdentifier, "native"), _directory];
        string[] names = OperatingSystem.IsWindows()
            ? [unmanagedDllName + ".dll", unmanagedDllName]
            : OperatingSystem.IsMacOS()
                ? [$"lib{unmanagedDllName}.dylib", unmanagedDllName]
                : [$"lib{unmanagedDllName}.so", unmanagedDllName];
        foreach (string place in places)
        {
            foreach (string name in names)
            {
                string path = Path.Combine(place, name);
                if (File.Exists(path)) return LoadUnmanagedDllFromPath(path);
            }
        }
        return IntPtr.Zero;
    }

    // RuntimeIdentifier may name a distribution (debian.12-x64); packages carry the portable one.
    private static string PortableRuntimeIdentifier =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl ? "linux-musl" : "linux")
        + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static bool IsMusl => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        || RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal);
}
