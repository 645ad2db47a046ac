using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using DockerPS.Shell.Commands;
using DockerPS.Shell.Hosting;

namespace DockerPS.Shell;

/// <summary>The runspace: PowerShell's core commands, the few of Utility that scripts here use, and this repository's module.</summary>
internal static class Session
{
    public static Runspace Open(ShellHost host)
    {
        AddModulePath();
        InitialSessionState state = InitialSessionState.CreateDefault2();
        foreach (Type type in Supplied)
        {
            var name = type.GetCustomAttribute<CmdletAttribute>()!;
            state.Commands.Add(new SessionStateCmdletEntry($"{name.VerbName}-{name.NounName}", type, null));
        }
        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        Runspace.DefaultRunspace = runspace;
        host.Runspace = runspace;
        return runspace;
    }

    private static readonly Type[] Supplied =
    [
        typeof(FormatTableCommand), typeof(FormatListCommand), typeof(FormatWideCommand),
        typeof(SelectObjectCommand), typeof(SortObjectCommand), typeof(WriteHostCommand), typeof(WriteOutputCommand),
    ];

    /// <summary>Puts the repository's <c>module</c> directory first, so that <c>Import-Module DockerPS</c> and autoloading find it.</summary>
    private static void AddModulePath()
    {
        string? modules = typeof(Session).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => a.Key == "ModulePath")?.Value;
        if (modules is null || !Directory.Exists(modules))
            return;
        string? given = Environment.GetEnvironmentVariable("PSModulePath");
        Environment.SetEnvironmentVariable("PSModulePath",
            string.IsNullOrEmpty(given) ? modules : modules + Path.PathSeparator + given);
    }
}
