using System.Collections;

namespace DockerPS.Module.Conversion;

/// <summary>Converts each value given to a parameter that takes many.</summary>
public abstract class ItemsAttribute<T> : ConversionAttribute
{
    private protected ItemsAttribute(string errorId)
        : base(errorId)
    {
    }

    private protected sealed override object Convert(object input)
    {
        List<T> items = [];
        foreach (object? item in Joined(Items(input))) items.AddRange(ConvertItem(item));
        return items.ToArray();
    }

    /// <summary>Puts together what PowerShell has taken apart: without quotes, <c>type=bind,source=/a</c> is an array of two texts.</summary>
    private protected virtual IEnumerable<object?> Joined(IEnumerable<object?> items) => items;

    private protected sealed override object Placeholder() => new T[1];

    /// <summary>The items of one value: a text, a hashtable, or what the parameter's type is.</summary>
    private protected abstract IEnumerable<T> ConvertItem(object? value);

    private static IEnumerable<object?> Items(object input) =>
        input is IEnumerable and not (string or IDictionary) ? ((IEnumerable)input).Cast<object?>().Select(Bare) : [input];
}
