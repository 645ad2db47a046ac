using System.Globalization;
using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>A number of a range; both ends belong to it.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
public sealed class NumberAttribute<T>(string errorId, string least, string most) : ConversionAttribute(errorId)
    where T : struct, IComparable<T>
{
    private protected override object Convert(object input)
    {
        T value;
        try
        {
            value = (T)LanguagePrimitives.ConvertTo(input, typeof(T), CultureInfo.InvariantCulture);
        }
        catch (PSInvalidCastException e)
        {
            throw new FormatException($"'{Text(input)}' is not a number. {Next}", e);
        }
        return value.CompareTo(End(least)) >= 0 && value.CompareTo(End(most)) <= 0
            ? value
            : throw new FormatException($"{Text(input)} is out of range. {Next}");
    }

    private protected override object Placeholder() => default(T);

    private string Next => $"Write a number from {least} to {most}.";

    private static T End(string text) => (T)LanguagePrimitives.ConvertTo(text, typeof(T), CultureInfo.InvariantCulture);
}
