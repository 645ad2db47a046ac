using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Runs a command in running containers, with their streams as Invoke-Container has them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ContainerCommand", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[OutputType(typeof(string), typeof(ContainerResult))]
[Alias("Exec-Container")]
public sealed class InvokeContainerCommandCommand : CommandLineCommand
{
    private readonly List<(Container Container, AttachedProcess Process, Task<ProcessExit> Run)> _running = [];
    private bool _begun;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [Alias("Id", "ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Container", ValueFromPipeline = true)]
    [ValidateNotNull]
    public Container? Container { get; set; }

    [Parameter(Mandatory = true, Position = 1, ValueFromRemainingArguments = true)]
    [Alias("ArgumentList", "Arguments")]
    [AllowEmptyString]
    public string[] Command { get; set; } = [];

    [Parameter(ParameterSetName = "Name", ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

    [Parameter]
    [Environment]
    [AllowEmptyCollection]
    public string[]? Environment { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    [Parameter]
    public SwitchParameter Tty { get; set; }

    [Parameter]
    public SwitchParameter Privileged { get; set; }

    [Parameter]
    public SwitchParameter Detach { get; set; }

    [Parameter]
    public SwitchParameter AsResult { get; set; }

    private protected override string Lead => nameof(Name);

    private protected override string[] Words
    {
        get => Command;
        set => Command = value;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Container")
        {
            Begin(Container!, Container!, fed: false);
            EndProcessing();
            return;
        }
        BeginNamed();
        foreach ((_, AttachedProcess process, _) in _running)
        {
            if (process.Input is { } input) Wait(input.SendAsync(InputObject, Cancellation));
        }
        Pump.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == "Name") BeginNamed();
        foreach ((_, AttachedProcess process, _) in _running) process.Input?.Complete();
        foreach ((Container container, AttachedProcess process, Task<ProcessExit> run) in _running) End(container, process, run);
        _running.Clear();
    }

    private void BeginNamed()
    {
        if (_begun) return;
        _begun = true;
        foreach (string name in Name)
        {
            if (ContainerNames.IsPattern(name))
            {
                var filter = new ContainerFilter { Names = [name] };
                if (!Try(name, engine => engine.GetContainers(filter), out IReadOnlyList<Container> found)) continue;
                foreach (Container container in found) Begin(container, container, MyInvocation.ExpectingInput);
            }
            else if (Try(name, engine => engine.GetContainer(name), out Container container))
            {
                Begin(container, name, MyInvocation.ExpectingInput);
            }
        }
    }

    private void Begin(Container container, object target, bool fed)
    {
        if (!ShouldProcess($"{container.Name} ({container.ShortId})", $"Run command {string.Join(' ', Command)}")) return;
        var command = new ContainerCommand
        {
            Arguments = Command,
            Environment = Environment ?? [],
            User = User,
            WorkingDirectory = WorkingDirectory,
            Tty = Tty,
            Privileged = Privileged,
            Detach = Detach,
        };
        if (Detach)
        {
            Try(target, (engine, token) => engine.ExecuteAsync(container.Id, command, null, token), out _);
            return;
        }
        var process = new AttachedProcess(this, AsResult, Tty, fed);
        Task<ProcessExit> run = Start((engine, token) =>
            process.RunAsync(attachment => engine.ExecuteAsync(container.Id, command, attachment, token)));
        _running.Add((container, process, run));
    }

    private void End(Container container, AttachedProcess process, Task<ProcessExit> run)
    {
        Wait(run);
        try
        {
            process.Report(container, $"Command '{Command[0]}' in container '{container.Name}'", "CommandExitCode", run.GetAwaiter().GetResult());
        }
        catch (Exception e) when (IsOfItem(e))
        {
            AttachedProcess.SetLastExitCode(this, e is ContainerRuntimeException { ExitCode: int code } ? code : 125);
            WriteError(ErrorRecords.From(e, container));
        }
    }
}
