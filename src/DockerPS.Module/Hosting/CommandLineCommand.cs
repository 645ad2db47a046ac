using System.Management.Automation;

namespace DockerPS.Module.Hosting;

/// <summary>
/// Base of the cmdlets that end in a command line for a container. A single letter after a dash would bind to whatever parameter
/// begins with it (<c>df -h</c> to -Hostname), or be an error of the binder (<c>ls -l</c>), so each is a hidden parameter here that
/// gives it back to the command.
/// </summary>
public abstract class CommandLineCommand : EngineCommand
{
    private protected CommandLineCommand()
    {
    }

    [Parameter(DontShow = true)] public SwitchParameter A { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter B { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter C { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter D { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter E { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter F { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter G { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter H { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter I { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter J { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter K { get; set; }

    // ls -la is as common as ls -l, and PowerShell would take it for -Label or -LabelFile.
    [Parameter(DontShow = true)][Alias("la")] public SwitchParameter L { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter M { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter N { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter O { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter P { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter Q { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter R { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter S { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter T { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter U { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter V { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter W { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter X { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter Y { get; set; }
    [Parameter(DontShow = true)] public SwitchParameter Z { get; set; }

    /// <summary>Parameter that the first word of the command line is, before the command.</summary>
    private protected abstract string Lead { get; }

    /// <summary>The command's words.</summary>
    private protected abstract string[] Words { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        foreach (string bound in MyInvocation.BoundParameters.Keys)
        {
            if (bound.Length != 1) continue;
            Words = Restored() ?? throw Refused(bound);
            return;
        }
        // The binder drops the first --, wherever it is. Where that is not told, it was before the command, as it mostly is.
        if (Source()?.Contains($" {CommandWords.EndOfParameters} ", StringComparison.Ordinal) == true) Words = Restored() ?? Words;
    }

    private string[]? Restored() =>
        Source() is { Length: > 0 } source
            ? CommandWords.Restore(source, Parameter, MyInvocation.BoundParameters.ContainsKey(Lead) ? Lead : null, Words)
            : null;

    // PowerShell 7.4 and later; the standard library that this compiles against does not know it.
    private string? Source() => PSObject.AsPSObject(MyInvocation).Properties["Statement"]?.Value as string;

    private ParameterMetadata? Parameter(string name)
    {
        try
        {
            return MyInvocation.MyCommand.ResolveParameter(name);
        }
        catch (ParameterBindingException)
        {
            // No parameter is called so, and the binder passed it on as a word.
            return null;
        }
    }

    private PipelineStoppedException Refused(string letter)
    {
        string option = "-" + letter.ToLowerInvariant();
        ThrowTerminatingError(ErrorRecords.From(new DockerArgumentException(
            "AmbiguousDash",
            $"'{option}' could be an option of the command or a short form of a parameter. Put -- before the command "
            + $"({MyInvocation.MyCommand.Name} … -- ls -l /), or write the parameter's whole name.",
            option)));
        return new PipelineStoppedException();
    }
}
