using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>
/// Base of the conversions of parameters. PowerShell makes its own binding error of whatever a conversion throws, so a value that does
/// not convert is remembered, and the cmdlet refuses it before it does anything, as an error with an ErrorId of its own.
/// </summary>
public abstract class ConversionAttribute : ArgumentTransformationAttribute
{
    private protected ConversionAttribute(string errorId) => ErrorId = errorId;

    /// <summary>Identifier of the error that a value that does not convert is.</summary>
    public string ErrorId { get; }

    /// <inheritdoc/>
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Bare(inputData) is not { } input) return null;
        try
        {
            return Convert(input);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or PSInvalidCastException)
        {
            return RefusedValues.Refuse(Placeholder(), new DockerArgumentException(ErrorId, e.Message, input, e));
        }
    }

    /// <summary>The value as the parameter's type; a value that does not convert throws a <see cref="FormatException"/>.</summary>
    private protected abstract object Convert(object input);

    /// <summary>A new object of the parameter's type, which is bound in place of a value that does not convert.</summary>
    private protected abstract object Placeholder();

    private protected static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The value as PowerShell writes it, whatever the culture.</summary>
    private protected static string Text(object? value) => LanguagePrimitives.ConvertTo<string>(value) ?? "";
}
