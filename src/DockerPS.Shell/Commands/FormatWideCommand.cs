using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace DockerPS.Shell.Commands;

/// <summary>Formats one property of each object in columns.</summary>
[Cmdlet(VerbsCommon.Format, "Wide")]
public sealed class FormatWideCommand : OuterFormatTableAndListBase
{
    private int? _columns;
    private bool? _autoSize;

    public FormatWideCommand() => PowerShellInternals.SetShape(this, "Wide");

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Column
    {
        get => _columns ?? -1;
        set => _columns = value;
    }

    [Parameter]
    public SwitchParameter AutoSize
    {
        get => _autoSize ?? false;
        set => _autoSize = value;
    }

    protected override void BeginProcessing()
    {
        if (_columns is not null && _autoSize is true)
            ThrowTerminatingError(new ErrorRecord(new PSArgumentException("-Column and -AutoSize exclude each other."),
                "FormatCannotSpecifyAutosizeAndColumns", ErrorCategory.InvalidArgument, null));
        base.BeginProcessing();
        PowerShellInternals.SetWide(this, _columns, _autoSize);
    }
}
