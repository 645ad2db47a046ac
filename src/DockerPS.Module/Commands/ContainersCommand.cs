using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>
/// Base of the verbs that take many containers: by name, pattern, id, id prefix or object. Each is an item of its own: one that fails
/// is an error and the others go on. Several are worked on at once, and come out in the order they went in.
/// </summary>
public abstract class ContainersCommand : EngineCommand
{
    private readonly Queue<(object Target, Task<object?> Work)> _begun = new();
    private SemaphoreSlim? _places;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Container", ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ValidateNotNull]
    public Container[] Container { get; set; } = [];

    /// <summary>How many containers are worked on at once.</summary>
    private protected virtual int AtOnce => 8;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Container")
        {
            foreach (Container container in Container) Begin(container, container);
        }
        else
        {
            foreach (string name in Name) Begin(name);
        }
        WriteEnded();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        while (_begun.TryDequeue(out var item)) Finish(item.Target, item.Work);
    }

    /// <summary>Does the verb to one container; what it returns is written when it is not null.</summary>
    private protected abstract Task<object?> ActAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken);

    /// <summary>Asks whether to; the verb and the container are what -WhatIf says.</summary>
    private protected virtual bool Confirm(Container container) => ShouldProcess($"{container.Name} ({container.ShortId})");

    private void Begin(string name)
    {
        if (ContainerNames.IsPattern(name))
        {
            var filter = new ContainerFilter { Names = [name], All = true };
            if (!Try(name, engine => engine.GetContainers(filter), out IReadOnlyList<Container> found)) return;
            foreach (Container container in found) Begin(container, container);
        }
        else if (Try(name, engine => engine.GetContainer(name), out Container container))
        {
            Begin(container, name);
        }
    }

    private void Begin(Container container, object target)
    {
        if (!Confirm(container)) return;
        _places ??= new SemaphoreSlim(AtOnce);
        SemaphoreSlim places = _places;
        _begun.Enqueue((target, Start(async (engine, token) =>
        {
            await places.WaitAsync(token);
            try
            {
                return await ActAsync(engine, container, token);
            }
            finally
            {
                places.Release();
            }
        })));
    }

    // What is done is written as the pipeline goes on, so that a long pipeline shows its first results early.
    private void WriteEnded()
    {
        Pump.Drain();
        while (_begun.TryPeek(out var item) && item.Work.IsCompleted)
        {
            _begun.Dequeue();
            Finish(item.Target, item.Work);
        }
    }

    private void Finish(object target, Task<object?> work)
    {
        if (Try(target, work, out object? result) && result is not null) WriteObject(result);
    }
}

/// <summary>Base of the verbs that are silent unless -PassThru asks for the container.</summary>
public abstract class SilentContainersCommand : ContainersCommand
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected sealed override async Task<object?> ActAsync(
        ContainerEngine engine, Container container, CancellationToken cancellationToken)
    {
        Container after = await ChangeAsync(engine, container, cancellationToken);
        return PassThru ? after : null;
    }

    /// <summary>Does the verb and returns the container as it is after it.</summary>
    private protected abstract Task<Container> ChangeAsync(ContainerEngine engine, Container container, CancellationToken cancellationToken);
}
