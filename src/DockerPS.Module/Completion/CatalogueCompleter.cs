using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using DockerPS.Engine;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Completion;

/// <summary>Completes from a list of words: a word's beginning or, with a wildcard, a pattern; what needs quotes gets them.</summary>
public abstract class WordCompleter : IArgumentCompleter
{
    private protected WordCompleter()
    {
    }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        Bound = fakeBoundParameters;
        string typed = (wordToComplete ?? "").Trim('\'', '"');
        char quote = wordToComplete is { Length: > 0 } && wordToComplete[0] is '\'' or '"' ? wordToComplete![0] : '\0';
        var pattern = new WildcardPattern(typed + "*", WildcardOptions.IgnoreCase);
        foreach (string word in Words())
        {
            if (!pattern.IsMatch(word)) continue;
            yield return new CompletionResult(Quote(word, quote), word, CompletionResultType.ParameterValue, word);
        }
    }

    /// <summary>What the command line says besides.</summary>
    private protected IDictionary Bound { get; private set; } = new Hashtable();

    private protected abstract IEnumerable<string> Words();

    private static string Quote(string word, char quote)
    {
        if (quote == '"') return '"' + word.Replace("`", "``").Replace("\"", "`\"").Replace("$", "`$") + '"';
        bool plain = quote == '\0' && word.Length > 0 && word[0] is not ('-' or '@' or '#' or '<' or '>')
            && word.All(static c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or '+');
        return plain ? word : "'" + word.Replace("'", "''") + "'";
    }
}

/// <summary>Completes from the catalogue, read as it is; a store that cannot be opened completes nothing.</summary>
public abstract class CatalogueCompleter : WordCompleter
{
    private protected CatalogueCompleter()
    {
    }

    private protected sealed override IEnumerable<string> Words()
    {
        try
        {
            return Read(OpenEngines.Current());
        }
        catch (Exception e) when (e is DockerException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private protected abstract IEnumerable<string> Read(ContainerEngine engine);
}

/// <summary>Names of containers.</summary>
public sealed class ContainerCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetContainerNames();
}

/// <summary>Registries with a login.</summary>
public sealed class RegistryCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetLogins();
}

/// <summary>Names of images.</summary>
public sealed class ImageCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetImageNames();
}

/// <summary>Names of volumes.</summary>
public sealed class VolumeCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetVolumeNames();
}

/// <summary>The beginning of -Volume: names of volumes, each with the colon that its place in the container follows.</summary>
public sealed class VolumeMountCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetVolumeNames().Select(name => name + ":");
}

/// <summary>The beginning of CONTAINER:PATH; where nothing fits PowerShell completes a file of the host.</summary>
public sealed class ContainerPathCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) => engine.GetContainerNames().Select(name => name + ":");
}

/// <summary>Names of snapshots of the volumes that the command line names, else of all.</summary>
public sealed class SnapshotCompleter : CatalogueCompleter
{
    private protected override IEnumerable<string> Read(ContainerEngine engine) =>
        engine.GetVolumeNames().Where(IsMeant).SelectMany(engine.GetVolumeSnapshots).Select(s => s.Snapshot).Distinct();

    private bool IsMeant(string volume)
    {
        if ((Bound["Volume"] ?? Bound["Name"]) is not { } names) return true;
        IEnumerable<object?> all = names is IEnumerable many and not string ? many.Cast<object?>() : [names];
        return all.Any(name => new WildcardPattern($"{name}", WildcardOptions.IgnoreCase).IsMatch(volume));
    }
}
