using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace DockerPS.Bench;

/// <summary>A warm session with the built module, as a user's: one runspace, commands one after another.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    public ModuleSession()
    {
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        Invoke("$ProgressPreference = 'SilentlyContinue'");
        Invoke($"Import-Module '{Workshop.Manifest}'");
    }

    /// <summary>Runs a command and gives its output; an error, terminating or not, is an exception.</summary>
    public IReadOnlyList<PSObject> Invoke(string command)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        IReadOnlyList<PSObject> output = shell.AddScript(command).Invoke();
        return shell.Streams.Error.FirstOrDefault() is { } error
            ? throw new InvalidOperationException($"{command}: {error}")
            : output;
    }

    public T Get<T>(string command) => LanguagePrimitives.ConvertTo<T>(Invoke(command)[^1]);

    /// <summary>Milliseconds that a command takes.</summary>
    public double Time(string command)
    {
        long start = Stopwatch.GetTimestamp();
        Invoke(command);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A container that sleeps until it is disposed.</summary>
    public IDisposable Container(string name)
    {
        Invoke($"Invoke-Container {Workshop.Image} sleep 10000 -Name {name} -Network none -Detach");
        return new Removal(this, name);
    }

    public void Dispose() => _runspace.Dispose();

    private sealed class Removal(ModuleSession session, string name) : IDisposable
    {
        public void Dispose() => session.Invoke($"Remove-Container {name} -Force");
    }
}
