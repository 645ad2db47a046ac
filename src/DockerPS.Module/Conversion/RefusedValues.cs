using System.Runtime.CompilerServices;

namespace DockerPS.Module.Conversion;

/// <summary>
/// Values that did not convert, by the objects that were bound in their place: a conversion does not know for which cmdlet it works,
/// and the binder hands the cmdlet the very object that the conversion made.
/// </summary>
internal static class RefusedValues
{
    private static readonly ConditionalWeakTable<object, DockerArgumentException> _reasons = [];

    public static object Refuse(object placeholder, DockerArgumentException reason)
    {
        _reasons.Add(placeholder, reason);
        return placeholder;
    }

    /// <summary>Why one of these values was refused; null when none was.</summary>
    public static DockerArgumentException? Among(IEnumerable<object?> bound)
    {
        foreach (object? value in bound)
            if (value is not null && _reasons.TryGetValue(value, out DockerArgumentException? reason)) return reason;
        return null;
    }
}
