using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>A duration from seconds, a text or a TimeSpan: 5 is five seconds, where PowerShell alone would make ticks of it.</summary>
public sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (input is null or TimeSpan) return input;
        string text = LanguagePrimitives.ConvertTo<string>(input) ?? "";
        if (!Duration.TryParse(text, out TimeSpan duration))
            throw new ArgumentTransformationMetadataException($"'{text}' is not a duration. Write seconds (5), units (1m30s) or a TimeSpan.");
        if (duration < TimeSpan.Zero)
            throw new ArgumentTransformationMetadataException($"'{text}' is negative. Write 0 or more seconds.");
        return duration;
    }
}

/// <summary>An instant from a date, a text, Unix seconds, or a duration before now (<c>10m</c>, a TimeSpan).</summary>
public sealed class InstantAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        switch (input)
        {
            case null or DateTimeOffset: return input;
            case DateTime time: return new DateTimeOffset(time);
            case TimeSpan ago: return DateTimeOffset.UtcNow - ago;
        }
        string text = LanguagePrimitives.ConvertTo<string>(input) ?? "";
        if (LanguagePrimitives.TryConvertTo(text, out double unix) && !text.Contains(':'))
            return DateTimeOffset.UnixEpoch.AddSeconds(unix);
        if (DateTimeOffset.TryParse(
            text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeLocal, out DateTimeOffset instant)
            && !Duration.TryParse(text, out _))
            return instant;
        return Duration.TryParse(text, out TimeSpan before)
            ? DateTimeOffset.UtcNow - before
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' is not an instant. Write a date, Unix seconds, or a duration before now such as 10m.");
    }
}
