using System.Management.Automation;
using System.Management.Automation.Internal;

namespace DockerPS.Shell.Commands;

/// <summary>Selects objects by position, and properties of them.</summary>
[Cmdlet(VerbsCommon.Select, "Object")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly Queue<PSObject> _held = new();
    private readonly List<PSObject> _seen = [];
    private PropertySelector[] _properties = [];
    private PropertySelector? _expand;
    private WildcardPattern[] _excluded = [];
    private int _index = -1;
    private int _written;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; } = AutomationNull.Value;

    [Parameter(Position = 0)]
    public object[]? Property { get; set; }

    [Parameter]
    public string[]? ExcludeProperty { get; set; }

    [Parameter]
    public string? ExpandProperty { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? First { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Last { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int SkipLast { get; set; }

    [Parameter]
    public int[]? Index { get; set; }

    protected override void BeginProcessing()
    {
        _excluded = [.. (ExcludeProperty ?? []).Select(p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase))];
        // Excluding alone means all the others.
        _properties = PropertySelector.ParseAll(Property is null && _excluded.Length > 0 ? ["*"] : Property);
        _expand = ExpandProperty is null ? null : PropertySelector.ParseAll([ExpandProperty])[0];
    }

    protected override void ProcessRecord()
    {
        if (InputObject is null || InputObject == AutomationNull.Value)
            return;
        _index++;
        if (Index is not null)
        {
            if (Index.Contains(_index))
                Select(InputObject);
            StopWhen(_index >= Index.Max());
        }
        // With -Last, -Skip counts from the end: both wait for it.
        else if (Last is { } last)
            Hold(InputObject, last + Skip, null);
        else if (_index < Skip)
            return;
        else if (SkipLast > 0)
            Hold(InputObject, SkipLast, Take);
        else
            Take(InputObject);
    }

    protected override void EndProcessing()
    {
        if (Last is not { } last)
            return;
        PSObject[] tail = [.. _held];
        foreach (PSObject item in tail[..Math.Max(0, tail.Length - Skip)].TakeLast(last))
            Select(item);
    }

    private void Hold(PSObject item, int count, Action<PSObject>? overflow)
    {
        _held.Enqueue(item);
        while (_held.Count > count)
        {
            PSObject oldest = _held.Dequeue();
            overflow?.Invoke(oldest);
        }
    }

    private void Take(PSObject item)
    {
        if (First is not { } first)
        {
            Select(item);
            return;
        }
        if (_written < first)
        {
            _written++;
            Select(item);
        }
        StopWhen(_written >= first);
    }

    private void StopWhen(bool done)
    {
        if (done)
            throw PowerShellInternals.StopUpstream(this);
    }

    private void Select(PSObject item)
    {
        PSObject selected = _properties.Length == 0 ? item : Project(item);
        if (_expand is null)
        {
            Emit(selected);
            return;
        }
        if (!_expand.Values(item).Any())
        {
            WriteError(new ErrorRecord(new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found."),
                "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, item));
            return;
        }
        foreach (object? element in LanguagePrimitives.GetEnumerable(_expand.Value(item)) ?? Enumerable.Repeat(_expand.Value(item), 1))
            if (element is not null)
                Emit(PSObject.AsPSObject(element));
    }

    private PSObject Project(PSObject item)
    {
        var projected = new PSObject();
        foreach (PropertySelector selector in _properties)
        {
            bool any = false;
            foreach ((string name, object? value) in selector.Values(item))
            {
                any = true;
                Add(projected, name, value);
            }
            // A name that an object lacks still makes a column, so that all rows have the same shape.
            if (!any && !selector.HasWildCards)
                Add(projected, selector.Name, null);
        }
        foreach (string type in item.TypeNames.Take(1))
            projected.TypeNames.Insert(0, "Selected." + type);
        return projected;
    }

    private void Add(PSObject projected, string name, object? value)
    {
        if (!_excluded.Any(p => p.IsMatch(name)) && projected.Properties[name] is null)
            projected.Properties.Add(new PSNoteProperty(name, value));
    }

    private void Emit(PSObject item)
    {
        if (Unique)
        {
            if (_seen.Any(s => Same(s, item)))
                return;
            _seen.Add(item);
        }
        WriteObject(item);
    }

    private static bool Same(PSObject left, PSObject right)
    {
        if (left.BaseObject is not PSCustomObject || right.BaseObject is not PSCustomObject)
            return LanguagePrimitives.Equals(left, right);
        PSPropertyInfo[] a = [.. left.Properties];
        PSPropertyInfo[] b = [.. right.Properties];
        return a.Length == b.Length && a.Zip(b).All(p =>
            p.First.Name == p.Second.Name && LanguagePrimitives.Equals(p.First.Value, p.Second.Value));
    }
}
