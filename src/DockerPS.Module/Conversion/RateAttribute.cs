using System.Globalization;

namespace DockerPS.Module.Conversion;

/// <summary>A rate, from a text (<c>10Mbit</c>, <c>1MB</c>) or from bytes a second as a number.</summary>
public sealed class RateAttribute(string errorId) : ConversionAttribute(errorId)
{
    private protected override object Convert(object input) => input switch
    {
        BitRate => input,
        string text => BitRate.Parse(text),
        IConvertible number => new BitRate(checked((long)number.ToDecimal(CultureInfo.InvariantCulture) * 8)) is { BitsPerSecond: >= 0 } rate
            ? rate
            : throw new FormatException($"{Text(input)} is negative. Write bits as 10Mbit or bytes as 1MB; 0 ends a limit."),
        _ => BitRate.Parse(Text(input)),
    };

    private protected override object Placeholder() => default(BitRate);
}
