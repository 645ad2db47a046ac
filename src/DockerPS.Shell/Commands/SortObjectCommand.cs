using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace DockerPS.Shell.Commands;

/// <summary>Sorts objects by properties, or by themselves; equal ones keep their order.</summary>
[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _items = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; } = AutomationNull.Value;

    [Parameter(Position = 0)]
    public object[]? Property { get; set; }

    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter]
    public SwitchParameter Stable { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Top { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Bottom { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null && InputObject != AutomationNull.Value)
            _items.Add(InputObject);
    }

    protected override void EndProcessing()
    {
        PropertySelector[] properties = PropertySelector.ParseAll(Property);
        (PSObject Item, object?[] Keys)[] rows = [.. _items.Select(i => (i, Keys(properties, i)))];
        int Compare((PSObject, object?[] Keys) left, (PSObject, object?[] Keys) right) =>
            CompareKeys(properties, left.Keys, right.Keys);

        IEnumerable<(PSObject Item, object?[] Keys)> sorted =
            rows.Order(Comparer<(PSObject, object?[])>.Create(Compare)); // a stable sort
        if (Unique)
            sorted = WithoutRepeats(sorted, Compare);
        if (Top is { } top)
            sorted = sorted.Take(top);
        if (Bottom is { } bottom)
            sorted = sorted.TakeLast(bottom);
        foreach ((PSObject item, _) in sorted)
            WriteObject(item);
    }

    private static object?[] Keys(PropertySelector[] properties, PSObject item) =>
        properties.Length == 0 ? [item] : [.. properties.Select(p => p.Value(item))];

    private int CompareKeys(PropertySelector[] properties, object?[] left, object?[] right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            int order = CompareValues(left[i], right[i]);
            if (order != 0)
                return (properties.Length > 0 ? properties[i].Descending : null) ?? Descending ? -order : order;
        }
        return 0;
    }

    private int CompareValues(object? left, object? right)
    {
        if (left is null || right is null)
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        if (LanguagePrimitives.TryCompare(left, right, !CaseSensitive, CultureInfo.CurrentCulture, out int order))
            return order;
        return string.Compare(left.ToString(), right.ToString(),
            CaseSensitive ? StringComparison.CurrentCulture : StringComparison.CurrentCultureIgnoreCase);
    }

    private static IEnumerable<T> WithoutRepeats<T>(IEnumerable<T> sorted, Comparison<T> compare)
    {
        bool first = true;
        T previous = default!;
        foreach (T row in sorted)
        {
            if (first || compare(previous, row) != 0)
                yield return row;
            first = false;
            previous = row;
        }
    }
}
