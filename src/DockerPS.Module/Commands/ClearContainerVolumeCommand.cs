using System.Management.Automation;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Removes volumes that no container uses: the anonymous ones, or with -All every one.</summary>
[Cmdlet(VerbsCommon.Clear, "ContainerVolume", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ContainerVolumeRemoval))]
[Alias("Prune-ContainerVolume")]
public sealed class ClearContainerVolumeCommand : EngineCommand
{
    [Parameter]
    public SwitchParameter All { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Label { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool all = All;
        string[] labels = Label ?? [];
        if (!Try(null, (engine, token) => engine.UnusedVolumesAsync(all, labels, token), out IReadOnlyList<ContainerVolume> unused)) return;
        foreach (ContainerVolume volume in unused)
        {
            string what = $"{volume.Name} ({new ByteSize(volume.Size ?? 0)})";
            // -Force answers what would be asked; -WhatIf and a -Confirm that was given still count.
            if (Force && !MyInvocation.BoundParameters.ContainsKey("Confirm") && !MyInvocation.BoundParameters.ContainsKey("WhatIf")
                ? false
                : !ShouldProcess(what)) continue;
            // One that a container has got by now stays, without a word.
            if (Try(volume.Name, engine => engine.TryRemoveVolume(volume.Name), out bool removed) && removed) WriteObject(new ContainerVolumeRemoval(volume.Name, volume.Size ?? 0));
        }
    }
}
