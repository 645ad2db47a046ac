using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>
/// Reads members of JSON objects by hand. A start must not wait for a serializer to learn its types, which takes longer than all
/// else that the start of a container's supervisor does. A null member is an absent one; a wrong type is a <see cref="JsonException"/>
/// that names the path. Of members with the same name the last counts.
/// </summary>
internal readonly ref struct JsonFields(JsonElement element, string path)
{
    public JsonElement Element => element;

    public string Path => path;

    public delegate T Reader<T>(JsonFields fields);

    /// <summary>A whole document, which must be an object.</summary>
    public static T Document<T>(ReadOnlyMemory<byte> json, Reader<T> read)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return read(Root(document.RootElement));
    }

    public static JsonFields Root(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? new JsonFields(element, "$")
        : throw new JsonException("$: must be an object", "$", null, null);

    public bool TryGet(string name, out JsonElement member)
    {
        try
        {
            return element.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException e)
        {
            // Some member before it has a name that is no Unicode.
            throw new JsonException($"{path}: has a member whose name is not valid Unicode", path, null, null, e);
        }
    }

    /// <summary>An object's members; false when the member is absent.</summary>
    public bool TryObject(string name, out JsonFields fields)
    {
        bool there = TryMember(name, JsonValueKind.Object, out JsonElement member);
        fields = there ? new JsonFields(member, path + "." + name) : default;
        return there;
    }

    /// <summary>A string without NUL, since all of them end up in system calls.</summary>
    public string? Text(string name) => TryMember(name, JsonValueKind.String, out JsonElement member) ? Decode(member, name) : null;

    public string Required(string name) => Text(name) ?? throw Missing(name);

    public bool Flag(string name)
    {
        if (!TryGet(name, out JsonElement member)) return false;
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.GetBoolean() : throw Wrong(name, "must be true or false");
    }

    public bool? OptionalFlag(string name) => TryGet(name, out _) ? Flag(name) : null;

    public long? Number(string name)
    {
        if (!TryMember(name, JsonValueKind.Number, out JsonElement member)) return null;
        return member.TryGetInt64(out long value) ? value : throw Wrong(name, "must be a whole number of 64 bits");
    }

    public int? Integer(string name) =>
        Number(name) is not { } value ? null
        : value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong(name, "must be a whole number of 32 bits");

    public ulong? Unsigned(string name)
    {
        if (!TryMember(name, JsonValueKind.Number, out JsonElement member)) return null;
        return member.TryGetUInt64(out ulong value) ? value : throw Wrong(name, "must be a whole number of 64 bits that is not negative");
    }

    public uint? Small(string name) => (uint?)UpTo(name, uint.MaxValue, "must be a whole number of 32 bits that is not negative");

    public ushort? Short(string name) => (ushort?)UpTo(name, ushort.MaxValue, "must be a whole number of 16 bits that is not negative");

    public long RequiredNumber(string name) => Number(name) ?? throw Missing(name);

    public ulong RequiredUnsigned(string name) => Unsigned(name) ?? throw Missing(name);

    public uint RequiredSmall(string name) => Small(name) ?? throw Missing(name);

    public List<string>? Texts(string name)
    {
        if (!TryMember(name, JsonValueKind.Array, out JsonElement member)) return null;
        var texts = new List<string>(member.GetArrayLength());
        foreach (JsonElement item in member.EnumerateArray())
        {
            texts.Add(item.ValueKind == JsonValueKind.String ? Decode(item, name) : throw Wrong($"{name}[{texts.Count}]", "must be a string"));
        }

        return texts;
    }

    public List<uint>? Numbers(string name)
    {
        if (!TryMember(name, JsonValueKind.Array, out JsonElement member)) return null;
        var numbers = new List<uint>(member.GetArrayLength());
        foreach (JsonElement item in member.EnumerateArray())
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetUInt32(out uint number)
                ? number
                : throw Wrong($"{name}[{numbers.Count}]", "must be a whole number of 32 bits that is not negative"));
        }

        return numbers;
    }

    public Dictionary<string, string>? Map(string name)
    {
        if (!TryMember(name, JsonValueKind.Object, out JsonElement member)) return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in member.EnumerateObject())
        {
            string key = Key(property, name);
            map[key] = property.Value.ValueKind == JsonValueKind.String
                ? Decode(property.Value, name)
                : throw Wrong($"{name}.{key}", "must be a string");
        }

        return map;
    }

    /// <summary>An array of objects, each read by a function.</summary>
    public List<T>? Objects<T>(string name, Reader<T> read)
    {
        if (!TryMember(name, JsonValueKind.Array, out JsonElement member)) return null;
        var items = new List<T>(member.GetArrayLength());
        foreach (JsonElement item in member.EnumerateArray())
        {
            string at = $"{path}.{name}[{items.Count}]";
            if (item.ValueKind != JsonValueKind.Object) throw Wrong($"{name}[{items.Count}]", "must be an object");
            items.Add(read(new JsonFields(item, at)));
        }

        return items;
    }

    /// <summary>An object whose members are objects, each read by a function.</summary>
    public Dictionary<string, T>? ObjectMap<T>(string name, Reader<T> read)
    {
        if (!TryMember(name, JsonValueKind.Object, out JsonElement member)) return null;
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (JsonProperty property in member.EnumerateObject())
        {
            string key = Key(property, name);
            if (property.Value.ValueKind != JsonValueKind.Object) throw Wrong($"{name}.{key}", "must be an object");
            map[key] = read(new JsonFields(property.Value, $"{path}.{name}.{key}"));
        }

        return map;
    }

    public JsonException Missing(string name) => Wrong(name, "is missing");

    public JsonException Wrong(string name, string what) => new($"{path}.{name}: {what}", path + "." + name, null, null);

    private ulong? UpTo(string name, ulong greatest, string what)
    {
        if (!TryMember(name, JsonValueKind.Number, out JsonElement member)) return null;
        return member.TryGetUInt64(out ulong value) && value <= greatest ? value : throw Wrong(name, what);
    }

    private bool TryMember(string name, JsonValueKind kind, out JsonElement member)
    {
        if (!TryGet(name, out member)) return false;
        return member.ValueKind == kind
            ? true
            : throw Wrong(name, kind switch
            {
                JsonValueKind.Object => "must be an object",
                JsonValueKind.Array => "must be an array",
                JsonValueKind.String => "must be a string",
                _ => "must be a number",
            });
    }

    private string Decode(JsonElement text, string name)
    {
        string value;
        try
        {
            value = text.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"{path}.{name}: is not valid Unicode", path + "." + name, null, null, e);
        }

        return value.Contains('\0', StringComparison.Ordinal) ? throw Wrong(name, "must not contain a NUL character") : value;
    }

    private string Key(JsonProperty property, string name)
    {
        string key;
        try
        {
            key = property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"{path}.{name}: has a member whose name is not valid Unicode", path + "." + name, null, null, e);
        }

        return key.Contains('\0', StringComparison.Ordinal) ? throw Wrong(name, "has a name with a NUL character") : key;
    }
}
