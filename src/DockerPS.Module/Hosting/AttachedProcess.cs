using System.Diagnostics;
using System.Management.Automation;
using DockerPS.Engine;

namespace DockerPS.Module.Hosting;

/// <summary>
/// The standard streams of a container or command as PowerShell has them: stdout lines are objects, stderr lines information with the
/// tag StdErr, the exit code is <c>$LASTEXITCODE</c> and, when it is not 0, an error that stops nothing.
/// </summary>
internal sealed class AttachedProcess
{
    // PSHOST makes a host show it as it shows Write-Host; StdErr is for those who look for it.
    private static readonly string[] ErrorTags = ["PSHOST", "StdErr"];

    private readonly EngineCommand _command;
    private readonly bool _collect;
    private readonly LineSplitter _outSplitter;
    private readonly LineSplitter _errSplitter;
    private readonly List<string> _out = [];
    private readonly List<string> _err = [];
    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <param name="command">Whose streams they are.</param>
    /// <param name="collect">Keep the lines for one result instead of writing them.</param>
    /// <param name="tty">The process has a terminal.</param>
    /// <param name="input">Whether the pipeline feeds its standard input.</param>
    public AttachedProcess(EngineCommand command, bool collect, bool tty, bool input)
    {
        _command = command;
        _collect = collect;
        _outSplitter = new LineSplitter(tty);
        _errSplitter = new LineSplitter(tty);
        Input = input ? new PipelineInput() : null;
    }

    public PipelineInput? Input { get; }

    /// <summary>Runs it with its streams attached; what it wrote last is written before this returns.</summary>
    public async Task<ProcessExit> RunAsync(Func<Attachment, Task<ProcessExit>> run)
    {
        try
        {
            ProcessExit exit = await run(new Attachment(Sink, Input));
            Write(ContainerStream.StdOut, _outSplitter.Finish());
            Write(ContainerStream.StdErr, _errSplitter.Finish());
            return exit;
        }
        finally
        {
            Input?.Complete();
        }
    }

    /// <summary>Says how it ended, on the pipeline's thread.</summary>
    /// <param name="container">The container, which becomes the error's target.</param>
    /// <param name="what">What ended, for people.</param>
    /// <param name="errorId">Identifier of the error that a code other than 0 is.</param>
    /// <param name="exit">How it ended.</param>
    public void Report(Container container, string what, string errorId, ProcessExit exit)
    {
        SetLastExitCode(_command, exit.ExitCode);
        if (_collect)
        {
            _command.WriteObject(new ContainerResult(exit.ExitCode, _out, _err, Stopwatch.GetElapsedTime(_begun))
            {
                ContainerId = container.Id,
                ContainerName = container.Name,
                OomKilled = exit.OomKilled,
            });
            return;
        }
        if (exit.ExitCode == 0) return;
        string why = exit.OomKilled ? " because it ran out of memory; allow more with -Memory" : "";
        var exception = new ContainerExitException(
            errorId, $"{what} ended with exit code {exit.ExitCode}{why}. Use -AsResult to take the code as part of an object.", container,
            exit.ExitCode);
        _command.WriteError(ErrorRecords.From(exception, container));
    }

    /// <summary>Sets <c>$LASTEXITCODE</c> where a native command would.</summary>
    public static void SetLastExitCode(PSCmdlet command, int exitCode) =>
        command.SessionState.PSVariable.Set("global:LASTEXITCODE", exitCode);

    private void Sink(ContainerStream stream, ReadOnlySpan<byte> bytes) =>
        Write(stream, (stream == ContainerStream.StdOut ? _outSplitter : _errSplitter).Add(bytes));

    private void Write(ContainerStream stream, List<string> lines)
    {
        if (lines.Count == 0) return;
        if (_collect) (stream == ContainerStream.StdOut ? _out : _err).AddRange(lines);
        else if (stream == ContainerStream.StdOut) _command.Pump.Post(() => lines.ForEach(_command.WriteObject));
        else _command.Pump.Post(() => lines.ForEach(line => _command.WriteInformation(new HostInformationMessage { Message = line }, ErrorTags)));
    }
}
