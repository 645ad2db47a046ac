using System.Globalization;

namespace DockerPS.Module.Conversion;

/// <summary>A number of bytes, from a number (<c>512MB</c> in PowerShell) or from Docker's text (<c>'512m'</c>).</summary>
public sealed class SizeAttribute(string errorId) : ConversionAttribute(errorId)
{
    private protected override object Convert(object input) => input switch
    {
        ByteSize => input,
        string text => ByteSize.Parse(text),
        IConvertible number => new ByteSize(checked((long)number.ToDecimal(CultureInfo.InvariantCulture))),
        _ => ByteSize.Parse(Text(input)),
    };

    private protected override object Placeholder() => default(ByteSize);
}
