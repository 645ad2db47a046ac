namespace DockerPS.Module.Conversion;

/// <summary>A duration from seconds, a text or a TimeSpan: 5 is five seconds, where PowerShell alone would make ticks of it.</summary>
public sealed class SecondsAttribute(string errorId) : ConversionAttribute(errorId)
{
    private protected override object Convert(object input)
    {
        if (input is TimeSpan) return input;
        string text = Text(input);
        if (!Duration.TryParse(text, out TimeSpan duration))
            throw new FormatException($"'{text}' is not a duration. Write seconds (5), units (1m30s) or a TimeSpan.");
        if (duration < TimeSpan.Zero) throw new FormatException($"'{text}' is negative. Write 0 or more seconds.");
        return duration;
    }

    private protected override object Placeholder() => TimeSpan.Zero;
}
