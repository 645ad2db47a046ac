using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>
/// Reads members of JSON objects by hand. A start must not wait for a serializer to learn its types, which takes longer than all
/// else that the start of a container's supervisor does. A null member is an absent one; a wrong type is a <see cref="JsonException"/>
/// that names the path.
/// </summary>
internal readonly ref struct JsonFields(JsonElement element, string path)
{
    public JsonElement Element => element;

    public string Path => path;

    /// <summary>An object's members; null when the member is absent.</summary>
    public bool TryObject(string name, out JsonFields fields)
    {
        bool there = TryMember(name, JsonValueKind.Object, out JsonElement member);
        fields = there ? new JsonFields(member, path + "." + name) : default;
        return there;
    }

    public string? Text(string name) => TryMember(name, JsonValueKind.String, out JsonElement member) ? member.GetString() : null;

    public string Required(string name) => Text(name) ?? throw new JsonException($"{path}.{name} is missing", path + "." + name, null, null);

    public bool Flag(string name)
    {
        if (!TryGet(name, out JsonElement member)) return false;
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.GetBoolean() : throw Wrong(name, "true or false");
    }

    public bool? OptionalFlag(string name) => TryGet(name, out _) ? Flag(name) : null;

    public long? Number(string name)
    {
        if (!TryMember(name, JsonValueKind.Number, out JsonElement member)) return null;
        return member.TryGetInt64(out long value) ? value : throw Wrong(name, "a whole number");
    }

    public ulong? Unsigned(string name)
    {
        if (!TryMember(name, JsonValueKind.Number, out JsonElement member)) return null;
        return member.TryGetUInt64(out ulong value) ? value : throw Wrong(name, "a whole number that is not negative");
    }

    public uint? Small(string name) =>
        Unsigned(name) is not { } value ? null : value <= uint.MaxValue ? (uint)value : throw Wrong(name, "a number of 32 bits");

    public List<string>? Texts(string name)
    {
        if (!TryMember(name, JsonValueKind.Array, out JsonElement member)) return null;
        var texts = new List<string>(member.GetArrayLength());
        foreach (JsonElement item in member.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, "an array of strings"));
        return texts;
    }

    public Dictionary<string, string>? Map(string name)
    {
        if (!TryMember(name, JsonValueKind.Object, out JsonElement member)) return null;
        var map = new Dictionary<string, string>();
        foreach (JsonProperty property in member.EnumerateObject())
            map[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : throw Wrong(name, "a map of strings");
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
            if (item.ValueKind != JsonValueKind.Object) throw new JsonException($"{at} must be an object", at, null, null);
            items.Add(read(new JsonFields(item, at)));
        }

        return items;
    }

    public bool TryGet(string name, out JsonElement member) =>
        element.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;

    private bool TryMember(string name, JsonValueKind kind, out JsonElement member)
    {
        if (!TryGet(name, out member)) return false;
        return member.ValueKind == kind
            ? true
            : throw Wrong(name, kind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "an array",
                JsonValueKind.String => "a string",
                _ => "a number",
            });
    }

    private JsonException Wrong(string name, string expected) => new($"{path}.{name} must be {expected}", path + "." + name, null, null);

    public delegate T Reader<T>(JsonFields fields);
}
