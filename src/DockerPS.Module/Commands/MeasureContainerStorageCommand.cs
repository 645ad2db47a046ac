using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>How much space images, containers and volumes take.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "ContainerStorage")]
[OutputType(typeof(ContainerStorageUsage), typeof(ContainerStorageItem))]
public sealed class MeasureContainerStorageCommand : EngineCommand
{
    [Parameter(Position = 0)]
    public ContainerStorageType[]? Type { get; set; }

    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Try(null, (engine, token) => engine.MeasureStorageAsync(token), out IReadOnlyList<ContainerStorageUsage> usages)) return;
        foreach (ContainerStorageUsage usage in usages)
        {
            if (Type is not null && !Type.Contains(usage.Type)) continue;
            if (Detailed) WriteObject(usage.Items, enumerateCollection: true);
            else WriteObject(usage);
        }
    }
}
