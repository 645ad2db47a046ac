using System.Management.Automation;
using System.Management.Automation.Runspaces;
using DockerPS.Shell.Hosting;

namespace DockerPS.Shell;

internal enum RunResult { Completed, Failed, Stopped }

/// <summary>Runs one text after another in the runspace and shows its output; Ctrl+C stops the one that runs.</summary>
internal sealed class Runner : IDisposable
{
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private readonly Lock _gate = new();
    private PowerShell? _running;

    public Runner(ShellHost host, Runspace runspace)
    {
        _host = host;
        _runspace = runspace;
        Console.CancelKeyPress += OnCancel;
    }

    /// <summary>Whether the last statement of the last run succeeded (<c>$?</c>).</summary>
    public bool LastSucceeded { get; private set; } = true;

    /// <summary>The exit code of the last script or native command (<c>$LASTEXITCODE</c>).</summary>
    public int LastExitCode => _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code ? code : 0;

    public RunResult Run(string text)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(text);
        shell.AddCommand("Out-Default");
        // Errors go through Out-Default too: formatted, coloured, and in order with the output.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        lock (_gate)
            _running = shell;
        try
        {
            // What is not for the history leaves `$?` as it was; here it is to be told.
            shell.Invoke(null, new PSInvocationSettings { AddToHistory = true });
            LastSucceeded = _runspace.SessionStateProxy.GetVariable("?") is not false;
            return RunResult.Completed;
        }
        catch (PipelineStoppedException)
        {
            return RunResult.Stopped;
        }
        catch (RuntimeException exception)
        {
            LastSucceeded = false;
            Show(exception.ErrorRecord ?? new ErrorRecord(exception, "Failed", ErrorCategory.NotSpecified, null));
            return RunResult.Failed;
        }
        finally
        {
            lock (_gate)
                _running = null;
            _host.Progress.Clear();
        }
    }

    /// <summary>Formats an error as the session's <c>$ErrorView</c> says, and leaves it in <c>$Error</c>.</summary>
    private void Show(ErrorRecord error)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        var record = PSObject.AsPSObject(error);
        // The mark by which the formatter knows an error that came down the error stream.
        record.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        shell.AddCommand("Out-Default").AddParameter("InputObject", record);
        shell.Invoke();
    }

    /// <summary>Runs a text quietly and gives its output; for the prompt and the like.</summary>
    public IReadOnlyList<PSObject> Evaluate(string text)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript(text);
        try
        {
            return shell.Invoke();
        }
        catch (RuntimeException)
        {
            return [];
        }
    }

    /// <summary>Completes the text at a position, as Tab does in any PowerShell.</summary>
    public CommandCompletion Complete(string text, int position)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        return CommandCompletion.CompleteInput(text, position, null, shell);
    }

    private void OnCancel(object? sender, ConsoleCancelEventArgs e)
    {
        lock (_gate)
        {
            e.Cancel = true;
            _running?.BeginStop(null, null);
        }
    }

    public void Dispose() => Console.CancelKeyPress -= OnCancel;
}
