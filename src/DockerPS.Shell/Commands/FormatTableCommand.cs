using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace DockerPS.Shell.Commands;

/// <summary>Formats objects as a table; parameters and behaviour are the base class's.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    public FormatTableCommand() => PowerShellInternals.SetShape(this, "Table");
}
