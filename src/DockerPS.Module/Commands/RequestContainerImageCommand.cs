using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Brings images of registries into the store.</summary>
[Cmdlet(VerbsLifecycle.Request, "ContainerImage", SupportsShouldProcess = true, DefaultParameterSetName = "One")]
[OutputType(typeof(ContainerImage))]
[Alias("Pull-ContainerImage")]
public sealed class RequestContainerImageCommand : RegistryCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Name")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Reference { get; set; } = [];

    [Parameter(ParameterSetName = "One")]
    [Parameter(ParameterSetName = "AllTags")]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "AllTags")]
    public SwitchParameter AllTags { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "AllPlatforms")]
    public SwitchParameter AllPlatforms { get; set; }

    [Parameter]
    [ValidateRange(1, 64)]
    public int? ThrottleLimit { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string reference in Reference)
        {
            // One tag that cannot be had does not keep the others away.
            foreach (string name in AllTags ? NamesOf(reference) : [reference]) Pull(name);
        }
    }

    private IReadOnlyList<string> NamesOf(string repository) =>
        Try(repository, (engine, token) => engine.GetRemoteNamesAsync(repository, Access, token), out IReadOnlyList<string> names) ? names : [];

    private void Pull(string reference)
    {
        if (!ShouldProcess(reference, "Pull image")) return;
        var pull = new ImagePull
        {
            Reference = reference, Platform = Platform, AllPlatforms = AllPlatforms, ThrottleLimit = ThrottleLimit, Access = Access,
        };
        var progress = new LayerProgress(this, $"Pulling {reference}");
        bool done = Try(reference, async (engine, token) =>
        {
            try
            {
                return await engine.PullImagesAsync(pull, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out IReadOnlyList<ContainerImage> images);
        if (done) WriteObject(images, enumerateCollection: true);
    }
}
