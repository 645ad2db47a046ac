using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace DockerPS.Shell.Commands;

/// <summary>Formats objects as lists of properties; parameters and behaviour are the base class's.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    public FormatListCommand() => PowerShellInternals.SetShape(this, "List");
}
