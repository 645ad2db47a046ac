using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Pushes stored images to registries.</summary>
[Cmdlet(VerbsLifecycle.Submit, "ContainerImage", SupportsShouldProcess = true)]
[OutputType(typeof(ContainerImagePush))]
[Alias("Push-ContainerImage")]
public sealed class SubmitContainerImageCommand : RegistryCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image", "Reference", "Id", "ImageId")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    [Parameter]
    [Alias("a")]
    public SwitchParameter AllTags { get; set; }

    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 5;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (!AllTags)
            {
                Push(name);
                continue;
            }

            if (!Try(name, engine => engine.GetTags(name), out IReadOnlyList<string> tags)) continue;
            foreach (string tag in tags) Push(tag);
        }
    }

    private void Push(string name)
    {
        // Found before it is asked for, so that -WhatIf tells a wrong name too.
        if (!Try(name, engine => engine.GetImages(new ImageFilter { Names = [name] }), out _)) return;
        if (!ShouldProcess(Destination is null ? name : $"{name} → {Destination}", "Push image")) return;
        var push = new ImagePush
        {
            Name = name,
            Destination = Destination,
            AllPlatforms = AllPlatforms,
            Platform = Platform,
            ThrottleLimit = ThrottleLimit,
            Access = Access,
        };
        var progress = new LayerProgress(this, $"Pushing {Destination ?? name}");
        bool done = Try(name, async (engine, token) =>
        {
            try
            {
                return await engine.PushImageAsync(push, progress, token);
            }
            finally
            {
                progress.Complete();
            }
        }, out ContainerImagePush pushed);
        if (done) WriteObject(pushed);
    }
}
