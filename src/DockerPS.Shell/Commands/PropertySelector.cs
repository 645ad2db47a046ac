using System.Collections;
using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace DockerPS.Shell.Commands;

/// <summary>One element of a <c>-Property</c> list: a name with wildcards, a script block, or a table of Name, Expression and more.</summary>
internal sealed class PropertySelector
{
    private readonly PSPropertyExpression _expression;

    private PropertySelector(PSPropertyExpression expression, string? label, bool? descending)
    {
        _expression = expression;
        Label = label;
        Descending = descending;
    }

    public string? Label { get; }
    public bool? Descending { get; }

    public static PropertySelector[] ParseAll(object[]? properties) => [.. (properties ?? []).Select(Parse)];

    private static PropertySelector Parse(object property)
    {
        object value = property is PSObject wrapped ? wrapped.BaseObject : property;
        return value is IDictionary table
            ? new PropertySelector(Expression(Entry(table, "Expression") ?? Entry(table, "Name") ?? Missing()),
                (Entry(table, "Name") ?? Entry(table, "Label"))?.ToString(), Direction(table))
            : new PropertySelector(Expression(value), null, null);
    }

    /// <summary>The property's values of an object with their names; a wildcard has several, an unknown name none.</summary>
    public IEnumerable<(string Name, object? Value)> Values(PSObject item)
    {
        foreach (PSPropertyExpression resolved in _expression.ResolveNames(item))
        {
            PSPropertyExpressionResult? result = resolved.GetValues(item).FirstOrDefault();
            yield return (Label ?? resolved.ToString(), result?.Exception is null ? result?.Result : null);
        }
    }

    public string Name => Label ?? _expression.ToString();
    public bool HasWildCards => _expression.HasWildCardCharacters;

    /// <summary>The first value, or null.</summary>
    public object? Value(PSObject item) => Values(item).Select(v => v.Value).FirstOrDefault();

    private static PSPropertyExpression Expression(object value) =>
        value is ScriptBlock block ? new PSPropertyExpression(block) : new PSPropertyExpression(value.ToString());

    // Keys may be shortened, as everywhere in PowerShell: n, name, l, label, e, expression.
    private static object? Entry(IDictionary table, string key) => table.Keys.Cast<object>()
        .Where(k => key.StartsWith(k.ToString()!, StringComparison.OrdinalIgnoreCase)).Select(k => table[k]).FirstOrDefault();

    private static bool? Direction(IDictionary table) =>
        Entry(table, "Descending") is { } descending ? LanguagePrimitives.IsTrue(descending)
        : Entry(table, "Ascending") is { } ascending ? !LanguagePrimitives.IsTrue(ascending)
        : null;

    private static object Missing() => throw new PSArgumentException("A property given as a table needs an Expression or a Name.");
}
