namespace DockerPS.Module.Conversion;

/// <summary>One word of an enumeration.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class WordAttribute<T>(string errorId) : ConversionAttribute(errorId)
    where T : struct, Enum
{
    private protected override object Convert(object input) => WordsAttribute<T>.Word(input);

    private protected override object Placeholder() => default(T);
}
