using System.Management.Automation;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Base of the verbs that change which network containers are connected to; each container is an item of its own.</summary>
public abstract class AttachmentsCommand : EngineCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Network { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [Alias("ContainerId")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Container { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What -WhatIf says, before the network's name.</summary>
    private protected abstract string Action { get; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string container in Container)
        {
            if (!ShouldProcess(container, $"{Action} network {Network}")) continue;
            if (Act(container, out object after) && PassThru) WriteObject(after);
        }
    }

    /// <summary>Does the verb to one container; false when that was an error.</summary>
    /// <param name="container">It.</param>
    /// <param name="after">What -PassThru returns.</param>
    private protected abstract bool Act(string container, out object after);
}
