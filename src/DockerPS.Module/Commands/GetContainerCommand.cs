using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Containers as objects: running ones, all, or by name, state, label, image.</summary>
[Cmdlet(VerbsCommon.Get, "Container", DefaultParameterSetName = "Filter")]
[OutputType(typeof(Container))]
[Alias("Inspect-Container")]
public sealed class GetContainerCommand : EngineCommand
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    [Parameter(ParameterSetName = "Filter")]
    public SwitchParameter All { get; set; }

    [Parameter]
    [Words<ContainerState>("InvalidState")]
    public ContainerState[]? State { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Label { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Image { get; set; }

    [Parameter(ParameterSetName = "Latest", Mandatory = true)]
    public SwitchParameter Latest { get; set; }

    [Parameter(ParameterSetName = "Last", Mandatory = true)]
    [Number<int>("InvalidLast", "1", "2147483647")]
    public int Last { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name is null)
        {
            Write(null, Filter([]));
            return;
        }
        // One by one, so that a missing name is its own error and the others are still found.
        foreach (string name in Name) Write(name, Filter([name]));
    }

    private ContainerFilter Filter(IReadOnlyList<string> names) => new()
    {
        Names = names,
        All = All,
        States = State ?? [],
        Labels = Label ?? [],
        Images = Image ?? [],
        Latest = Latest ? 1 : Last,
    };

    private void Write(string? name, ContainerFilter filter)
    {
        if (!Try(name, engine => engine.GetContainers(filter), out IReadOnlyList<Container> found)) return;
        foreach (Container container in found)
        {
            if (_written.Add(container.Id)) WriteObject(container);
        }
    }
}
