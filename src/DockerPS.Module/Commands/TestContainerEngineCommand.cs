using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Completion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

/// <summary>Runs each isolation feature in real containers and says what it saw.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ContainerEngine")]
[OutputType(typeof(ContainerEngineCheck))]
public sealed class TestContainerEngineCommand : EngineCommand
{
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(CheckCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        WildcardPattern[] patterns = [.. (Name ?? ["*"]).Select(n => new WildcardPattern(n, WildcardOptions.IgnoreCase))];
        foreach (string name in Name ?? [])
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            if (WildcardPattern.ContainsWildcardCharacters(name) || ContainerEngine.CheckNames.Any(pattern.IsMatch)) continue;
            WriteError(ErrorRecords.From(
                new DockerNotFoundException("CheckNotFound", $"There is no check '{name}'. Test-ContainerEngine has {string.Join(", ", ContainerEngine.CheckNames)}.", name),
                name));
        }
        if (!ContainerEngine.CheckNames.Any(n => patterns.Any(p => p.IsMatch(n)))) return;
        Try(null, async (engine, token) =>
        {
            await foreach (ContainerEngineCheck check in engine.CheckAsync(n => patterns.Any(p => p.IsMatch(n)), token))
                Pump.Post(() => WriteObject(check));
            return true;
        }, out _);
    }
}
