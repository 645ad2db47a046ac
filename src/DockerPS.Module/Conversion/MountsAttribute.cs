using System.Collections;
using System.Management.Automation;

namespace DockerPS.Module.Conversion;

/// <summary>
/// Mounts as Docker's short or long text, as a hashtable of <see cref="ContainerMount"/>'s properties, or as a hashtable of
/// host path to container path (<c>@{ '/srv' = '/data:ro' }</c>).
/// </summary>
public sealed class MountsAttribute() : ItemsAttribute<ContainerMount>("InvalidMount")
{
    private protected override IEnumerable<ContainerMount> ConvertItem(object? value)
    {
        switch (value)
        {
            case ContainerMount mount: return [mount];
            case IDictionary table when Properties.AreAllOf<ContainerMount>(table):
                ContainerMount made = Properties.Make<ContainerMount>(table);
                // Written by property, a tmpfs is told by its size or mode when no type says so, and an image is read-only as in the long form.
                if (!Properties.Has(table, nameof(made.Type)) && (made.TmpfsSize is not null || made.TmpfsMode is not null)) made = made with { Type = ContainerMountType.Tmpfs };
                if (made.Type == ContainerMountType.Image && !Properties.Has(table, nameof(made.ReadOnly))) made = made with { ReadOnly = true };
                return [made.Target.StartsWith('/') ? made : throw NoTarget(made.Target)];
            case IDictionary table:
                return table.Cast<DictionaryEntry>().Select(e => ContainerMount.Parse($"{Text(e.Key)}:{Text(e.Value)}"));
            default: return [ContainerMount.Parse(Text(value))];
        }
    }

    /// <summary>A field of the long form that stands alone goes with those before it, and another type begins another mount.</summary>
    private protected override IEnumerable<object?> Joined(IEnumerable<object?> items)
    {
        string? mount = null;
        foreach (object? item in items)
        {
            string? field = item is string text && IsField(text) ? text : null;
            if (field is not null && mount is not null && !field.StartsWith("type=", StringComparison.OrdinalIgnoreCase))
            {
                mount += "," + field;
                continue;
            }

            if (mount is not null) yield return mount;
            mount = field;
            if (field is null) yield return item;
        }

        if (mount is not null) yield return mount;
    }

    private static bool IsField(string text) => !text.Contains(',', StringComparison.Ordinal) && ContainerMount.IsLongField(text);

    private static FormatException NoTarget(string target) =>
        new($"'{target}' is not an absolute path in the container. Set Target to one, such as /data.");
}

/// <summary>Tmpfs mounts as <c>/run:size=64m,mode=1777</c>, or as a hashtable of target to options.</summary>
public sealed class TmpfsAttribute() : ItemsAttribute<ContainerMount>("InvalidMount")
{
    private protected override IEnumerable<ContainerMount> ConvertItem(object? value) => value switch
    {
        ContainerMount mount => [mount],
        IDictionary table => table.Cast<DictionaryEntry>().Select(e =>
            ContainerMount.ParseTmpfs(Text(e.Value) is { Length: > 0 } options ? $"{Text(e.Key)}:{options}" : Text(e.Key))),
        _ => [ContainerMount.ParseTmpfs(Text(value))],
    };
}

/// <summary>Devices as <c>/dev/fuse:/dev/inside:rw</c> or as a hashtable of <see cref="ContainerDevice"/>'s properties.</summary>
public sealed class DevicesAttribute() : ItemsAttribute<ContainerDevice>("InvalidDevice")
{
    private protected override IEnumerable<ContainerDevice> ConvertItem(object? value)
    {
        if (value is ContainerDevice device) return [device];
        if (value is not IDictionary table) return [ContainerDevice.Parse(Text(value))];
        ContainerDevice made = Properties.Make<ContainerDevice>(table);
        return [ContainerDevice.Parse($"{made.Source}:{(made.Target.Length > 0 ? made.Target : made.Source)}:{made.Permissions}")];
    }
}

/// <summary>Limits as <c>nofile=1024:4096</c> or as a hashtable (<c>@{ nofile = 1024; nproc = '10:20' }</c>).</summary>
public sealed class UlimitsAttribute() : ItemsAttribute<ContainerUlimit>("InvalidUlimit")
{
    private protected override IEnumerable<ContainerUlimit> ConvertItem(object? value) => value switch
    {
        ContainerUlimit limit => [limit],
        IDictionary table when Properties.AreAllOf<ContainerUlimit>(table) => [Checked(Properties.Make<ContainerUlimit>(table), table)],
        IDictionary table => table.Cast<DictionaryEntry>().Select(e => ContainerUlimit.Parse($"{Text(e.Key)}={Text(e.Value)}")),
        _ => [ContainerUlimit.Parse(Text(value))],
    };

    private static ContainerUlimit Checked(ContainerUlimit limit, IDictionary table) => ContainerUlimit.Parse(
        (table.Keys.Cast<object>().Any(k => string.Equals(Text(k), "Hard", StringComparison.OrdinalIgnoreCase))
            ? limit
            : limit with { Hard = limit.Soft }).ToString());
}

/// <summary>Records from hashtables of their properties.</summary>
internal static class Properties
{
    public static bool AreAllOf<T>(IDictionary table) =>
        table.Count > 0 && table.Keys.Cast<object>().All(key => typeof(T).GetProperties().Any(p => IsNamed(p.Name, key)));

    public static bool Has(IDictionary table, string name) => table.Keys.Cast<object>().Any(key => IsNamed(name, key));

    /// <exception cref="FormatException">A key is no property, or its value does not convert.</exception>
    public static T Make<T>(IDictionary table)
    {
        try
        {
            return LanguagePrimitives.ConvertTo<T>(new Hashtable(table, StringComparer.OrdinalIgnoreCase));
        }
        catch (PSInvalidCastException e)
        {
            throw new FormatException(e.InnerException?.Message ?? e.Message, e);
        }
    }

    private static bool IsNamed(string name, object key) =>
        string.Equals(name, LanguagePrimitives.ConvertTo<string>(key), StringComparison.OrdinalIgnoreCase);
}
