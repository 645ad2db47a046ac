using System.Management.Automation;
using System.Reflection;
using Microsoft.PowerShell.Commands;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace DockerPS.Shell.Commands;

/// <summary>
/// The few things that System.Management.Automation shares only with PowerShell's own assemblies. The formatting
/// cmdlets' base classes are public, yet their constructor leaves the choice of shape to a friend.
/// </summary>
internal static class PowerShellInternals
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private static readonly Assembly Automation = typeof(PSObject).Assembly;

    /// <summary>Gives a formatting cmdlet its worker: <c>Table</c>, <c>List</c> or <c>Wide</c>.</summary>
    public static void SetShape(OuterFormatShapeCommandBase command, string shape)
    {
        Type shapes = Type("Microsoft.PowerShell.Commands.Internal.Format.FormatShape");
        object worker = New("Microsoft.PowerShell.Commands.Internal.Format.InnerFormatShapeCommand", Enum.Parse(shapes, shape));
        Field(typeof(FrontEndCommandBase), "implementation").SetValue(command, worker);
    }

    /// <summary>Sets what only Format-Wide knows, once the base class has collected the rest.</summary>
    public static void SetWide(OuterFormatShapeCommandBase command, int? columns, bool? autoSize)
    {
        object worker = Field(typeof(FrontEndCommandBase), "implementation").GetValue(command)!;
        object parameters = Field(worker.GetType(), "_parameters").GetValue(worker)!;
        object wide = New("Microsoft.PowerShell.Commands.Internal.Format.WideSpecificParameters");
        if (columns is { } count)
            Field(wide.GetType(), "columns").SetValue(wide, (int?)count);
        Field(parameters.GetType(), "shapeParameters").SetValue(parameters, wide);
        if (autoSize is { } given)
            Field(parameters.GetType(), "autosize").SetValue(parameters, (bool?)given);
    }

    /// <summary>The exception by which a command tells those before it in the pipeline that it has had enough.</summary>
    public static Exception StopUpstream(Cmdlet command) =>
        (Exception)New("System.Management.Automation.StopUpstreamCommandsException", command);

    private static Type Type(string name) => Automation.GetType(name, throwOnError: true)!;

    private static object New(string type, params object[] arguments) =>
        Activator.CreateInstance(Type(type), Any, null, arguments, null)!;

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, Any) ?? throw new MissingFieldException(type.FullName, name);
}
