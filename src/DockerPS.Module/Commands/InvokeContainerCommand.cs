using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Makes a container, starts it and, unless detached, is its standard streams until it ends.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Container", SupportsShouldProcess = true, DefaultParameterSetName = "Attached")]
[OutputType(typeof(string), ParameterSetName = ["Attached"])]
[OutputType(typeof(ContainerResult), ParameterSetName = ["Result"])]
[OutputType(typeof(Container), ParameterSetName = ["Detached"])]
[Alias("Run-Container", "Invoke-ContainerImage", "Run-ContainerImage")]
public sealed class InvokeContainerCommand : ContainerSpecCommand
{
    // Asked politely, but within what Ctrl+C may take.
    private static readonly TimeSpan StopGrace = TimeSpan.FromMilliseconds(50);

    private AttachedProcess? _process;
    private Task<(Container Container, ProcessExit Exit)>? _run;
    private bool _begun;

    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public override string Image { get; set; } = "";

    [Parameter(ValueFromPipeline = true, ParameterSetName = "Attached")]
    [Parameter(ValueFromPipeline = true, ParameterSetName = "Result")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Detached")]
    public SwitchParameter Detach { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Result")]
    public SwitchParameter AsResult { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Begin();
        if (_run is null || _process?.Input is not { } input || !MyInvocation.ExpectingInput) return;
        Wait(input.SendAsync(InputObject, Cancellation));
        Pump.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Begin();
        if (_run is null) return;
        _process!.Input?.Complete();
        Wait(_run);
        try
        {
            (Container container, ProcessExit exit) = _run.GetAwaiter().GetResult();
            _process.Report(container, $"Container '{container.Name}' of image '{Image}'", "ContainerExitCode", exit);
        }
        catch (Exception e) when (IsOfItem(e))
        {
            if (e is ContainerRuntimeException { ExitCode: int code }) AttachedProcess.SetLastExitCode(this, code);
            else AttachedProcess.SetLastExitCode(this, 125);
            WriteError(ErrorRecords.From(e, Image));
        }
    }

    // With the first input, or at the end when there is none: a pipeline that brings nothing still runs the container.
    private void Begin()
    {
        if (_begun) return;
        _begun = true;
        bool fed = MyInvocation.ExpectingInput && !Detach;
        if (!TryMakeSpec(fed, out ContainerSpec spec) || !ShouldProcess(Image, "Run container")) return;
        if (Detach)
        {
            if (Try(Image, (engine, token) => StartAsync(engine, spec, token), out Container container)) WriteObject(container);
            return;
        }
        _process = new AttachedProcess(this, AsResult, Tty, fed);
        _run = Start((engine, token) => RunAsync(engine, spec, _process, token));
    }

    private async Task<Container> StartAsync(ContainerEngine engine, ContainerSpec spec, CancellationToken cancellationToken)
    {
        // As in Docker: one that cannot be started stays, with the reason as its Error, unless AutoRemove.
        Container container = await CreateAsync(engine, spec, cancellationToken);
        return await engine.StartContainerAsync(container.Id, cancellationToken);
    }

    private async Task<(Container Container, ProcessExit Exit)> RunAsync(
        ContainerEngine engine, ContainerSpec spec, AttachedProcess process, CancellationToken cancellationToken)
    {
        Container container = await CreateAsync(engine, spec, cancellationToken);
        try
        {
            // The engine is not given the token: it would grant the container its whole grace period before it answers.
            Task<ProcessExit> run = process.RunAsync(
                attachment => engine.StartAttachedAsync(container.Id, attachment, CancellationToken.None));
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped))
            {
                await Task.WhenAny(run, stopped.Task);
                // Repeated, because the stop may come before the process is there to be stopped.
                while (!run.IsCompleted)
                {
                    await EndAsync(engine, container);
                    await Task.WhenAny(run, Task.Delay(20, CancellationToken.None));
                }
            }
            ProcessExit exit = await run;
            cancellationToken.ThrowIfCancellationRequested();
            return (container, exit);
        }
        catch (OperationCanceledException)
        {
            if (container.AutoRemove) await RemoveAsync(engine, container);
            throw;
        }
    }

    // Whoever stops the pipeline stops what it had started.
    private static async Task EndAsync(ContainerEngine engine, Container container)
    {
        try
        {
            await engine.StopContainerAsync(container.Id, StopGrace, null, CancellationToken.None);
        }
        catch (DockerException)
        {
            // Already gone, which is what was wanted.
        }
    }

    private static async Task RemoveAsync(ContainerEngine engine, Container container)
    {
        try
        {
            await engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        }
        catch (DockerException)
        {
            // Removed by itself, or to be reconciled by the next call; the first failure is the one to tell.
        }
    }
}
