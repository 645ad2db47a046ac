namespace DockerPS.Linux.DBus;

/// <summary>A value with its D-Bus type.</summary>
/// <param name="Signature">One complete type: <c>t</c>, <c>as</c>.</param>
/// <param name="Value">
/// The .NET number, bool or string that the signature names; for an array a list of <see cref="object"/>; for <c>a(ss)</c> a list of pairs.
/// </param>
public readonly record struct DBusVariant(string Signature, object Value)
{
    public static DBusVariant From(bool value) => new("b", value);

    public static DBusVariant From(ulong value) => new("t", value);

    public static DBusVariant From(string value) => new("s", value);

    /// <summary>An array of bytes, <c>ay</c>.</summary>
    public static DBusVariant From(byte[] value)
    {
        var items = new object[value.Length];
        for (int i = 0; i < items.Length; i++) items[i] = value[i];
        return new("ay", items);
    }
}
