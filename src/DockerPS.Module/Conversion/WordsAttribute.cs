using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>Words of an enumeration, for a parameter that takes many.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class WordsAttribute<T>(string errorId) : ItemsAttribute<T>(errorId)
    where T : struct, Enum
{
    private protected override IEnumerable<T> ConvertItem(object? value) => [Word(value)];

    /// <exception cref="FormatException">It is no word of the enumeration.</exception>
    internal static T Word(object? value) => LanguagePrimitives.TryConvertTo(value, out T word) && Enum.IsDefined(word)
        ? word
        : throw new FormatException($"'{Text(value)}' is not one of {string.Join(", ", Enum.GetNames<T>())}. Write one of these.");
}
