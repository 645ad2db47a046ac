using System.Collections;
using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>Converts each value given to a parameter, and what is wrong with one becomes the binding error's text.</summary>
public abstract class ItemsAttribute<T> : ArgumentTransformationAttribute
{
    private protected ItemsAttribute()
    {
    }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Bare(inputData) is not { } input) return null;
        try
        {
            List<T> items = [];
            foreach (object? item in Items(input)) items.AddRange(Convert(item));
            return items.ToArray();
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    /// <summary>The items of one value: a text, a hashtable, or what the parameter's type is.</summary>
    private protected abstract IEnumerable<T> Convert(object? value);

    private static IEnumerable<object?> Items(object input) =>
        input is IEnumerable and not (string or IDictionary) ? ((IEnumerable)input).Cast<object?>().Select(Bare) : [input];

    private protected static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The value as PowerShell writes it, whatever the culture.</summary>
    private protected static string Text(object? value) => LanguagePrimitives.ConvertTo<string>(value) ?? "";
}
