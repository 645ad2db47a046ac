using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Searches a registry for repositories.</summary>
[Cmdlet(VerbsCommon.Find, "ContainerImage")]
[OutputType(typeof(ContainerImageSearchResult))]
[Alias("Search-ContainerImage")]
public sealed class FindContainerImageCommand : RegistryCommand
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Term", "Query")]
    [AllowEmptyString]
    [SupportsWildcards]
    public string[] Name { get; set; } = [""];

    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Registry { get; set; }

    [Parameter]
    [ValidateRange(1, 1000)]
    public int Limit { get; set; } = 25;

    [Parameter]
    public SwitchParameter Official { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinimumStars { get; set; }

    [Parameter]
    [Alias("ListTags")]
    public SwitchParameter IncludeTags { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            (string registry, string term) = Split(name);
            var search = new ImageSearch { Registry = registry, Term = term, Limit = Limit, Tags = IncludeTags, Access = Access };
            if (!Try(name, (engine, token) => engine.FindImagesAsync(search, token), out IReadOnlyList<ContainerImageSearchResult> found)) continue;
            foreach (ContainerImageSearchResult result in found)
            {
                if ((result.Official || !Official) && result.Stars >= MinimumStars) WriteObject(result);
            }
        }
    }

    /// <summary><c>localhost:5000/tools</c> says where to search, as names of images do.</summary>
    private (string Registry, string Term) Split(string name)
    {
        if (Registry is not null) return (Registry, name);
        int slash = name.IndexOf('/');
        string first = slash < 0 ? "" : name[..slash];
        return first == "localhost" || first.Contains('.') || first.Contains(':') ? (first, name[(slash + 1)..]) : ("docker.io", name);
    }
}
