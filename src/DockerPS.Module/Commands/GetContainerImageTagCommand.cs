using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Tags of repositories in their registries.</summary>
[Cmdlet(VerbsCommon.Get, "ContainerImageTag")]
[OutputType(typeof(ContainerImageTag))]
public sealed class GetContainerImageTagCommand : RegistryCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Image", "Reference")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Repository { get; set; } = [];

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Tag { get; set; }

    [Parameter]
    public SwitchParameter IncludeDigest { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string repository in Repository)
        {
            foreach (string? pattern in (string?[]?)Tag ?? [null])
            {
                var query = new TagQuery { Repository = repository, Pattern = pattern, Digests = IncludeDigest, Access = Access };
                if (Try(repository, (engine, token) => engine.GetRemoteTagsAsync(query, token), out IReadOnlyList<ContainerImageTag> tags))
                    WriteObject(tags, enumerateCollection: true);
            }
        }
    }
}
