using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace DockerPS.Units.Module;

/// <summary>A runspace with the module's cmdlets, compiled into this assembly, and the tests' own.</summary>
internal sealed class CmdletHost : IDisposable
{
    private readonly Runspace _runspace;

    public CmdletHost()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        foreach ((string name, Type type) in Cmdlets) state.Commands.Add(new SessionStateCmdletEntry(name, type, null));
        state.Commands.Add(new SessionStateCmdletEntry("Show-Spec", typeof(ShowSpecCommand), null));
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    /// <summary>The module's cmdlets by name.</summary>
    public static IReadOnlyDictionary<string, Type> Cmdlets { get; } = typeof(CmdletHost).Assembly.GetTypes()
        .Where(t => t.Namespace == "DockerPS.Module.Commands" && t.GetCustomAttribute<CmdletAttribute>() is not null)
        .ToDictionary(t => t.GetCustomAttribute<CmdletAttribute>() is { } c ? $"{c.VerbName}-{c.NounName}" : "", t => t);

    public static string RepositoryRoot { get; } = typeof(CmdletHost).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public (IReadOnlyList<object> Output, IReadOnlyList<ErrorRecord> Errors) Run(string script)
    {
        using var shell = PowerShell.Create(_runspace);
        try
        {
            List<object> output = [.. shell.AddScript(script).Invoke().Select(o => o.BaseObject)];
            return (output, [.. shell.Streams.Error]);
        }
        catch (RuntimeException e)
        {
            return ([], [.. shell.Streams.Error, e.ErrorRecord]);
        }
    }

    public CommandInfo Command(string name)
    {
        using var shell = PowerShell.Create(_runspace);
        return (CommandInfo)shell.AddCommand("Get-Command").AddParameter("Name", name).Invoke().Single().BaseObject;
    }

    public void Dispose() => _runspace.Dispose();
}
