using System.Globalization;
using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>An instant from a date, a text, Unix seconds, or a duration before now (<c>10m</c>, a TimeSpan).</summary>
public class InstantAttribute(string errorId) : ConversionAttribute(errorId)
{
    private protected override object Convert(object input)
    {
        switch (input)
        {
            case DateTimeOffset: return input;
            case DateTime time: return new DateTimeOffset(time);
            case TimeSpan ago: return DateTimeOffset.UtcNow - ago;
        }
        string text = Text(input);
        if (LanguagePrimitives.TryConvertTo(text, out double unix) && !text.Contains(':'))
            return DateTimeOffset.UnixEpoch.AddSeconds(unix);
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset instant)
            && !Duration.TryParse(text, out _))
            return instant;
        return Duration.TryParse(text, out TimeSpan before)
            ? DateTimeOffset.UtcNow - before
            : throw new FormatException($"'{text}' is not an instant. Write a date, Unix seconds, or a duration before now such as 10m.");
    }

    private protected override object Placeholder() => DateTimeOffset.UnixEpoch;
}
