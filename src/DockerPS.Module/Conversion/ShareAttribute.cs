using System.Globalization;

namespace DockerPS.Module.Conversion;

/// <summary>A share of a whole: <c>5%</c>, a number below 1 (0.05 is 5 %), or one of percent (5 is 5 %). The value is from 0 to 1.</summary>
public sealed class ShareAttribute(string errorId) : ConversionAttribute(errorId)
{
    private protected override object Convert(object input)
    {
        string text = Text(input).Trim();
        bool percent = text.EndsWith('%');
        if (!double.TryParse(text.TrimEnd('%').TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            || text.EndsWith("%%", StringComparison.Ordinal))
            throw new FormatException($"'{text}' is no share. Write 5% (or 0.05).");
        double share = percent || number >= 1 ? number / 100 : number;
        return share <= 1 ? share : throw new FormatException($"{text} is more than all. Write 0% to 100%.");
    }

    private protected override object Placeholder() => 0d;
}
