using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads linux.seccomp of config.json, or a file that holds such an object.</summary>
public static class RuntimeSeccompReader
{
    /// <param name="element">The object.</param>
    /// <param name="path">Where it stands, for errors.</param>
    /// <exception cref="JsonException">A member is missing or of the wrong type; its path is named.</exception>
    public static RuntimeSeccomp Read(JsonElement element, string path = "$.linux.seccomp")
    {
        if (element.ValueKind != JsonValueKind.Object) throw new JsonException($"{path}: must be an object", path, null, null);
        var f = new JsonFields(element, path);
        return new RuntimeSeccomp
        {
            DefaultAction = f.Required("defaultAction"),
            DefaultErrnoRet = f.Small("defaultErrnoRet"),
            Architectures = f.Texts("architectures"),
            Flags = f.Texts("flags"),
            ListenerPath = f.Text("listenerPath"),
            ListenerMetadata = f.Text("listenerMetadata"),
            Syscalls = f.Objects("syscalls", Rule),
        };
    }

    private static RuntimeSeccompRule Rule(JsonFields f) => new()
    {
        Names = f.Texts("names") ?? throw f.Missing("names"),
        Action = f.Required("action"),
        ErrnoRet = f.Small("errnoRet"),
        Args = f.Objects("args", a => new RuntimeSeccompArgument
        {
            Index = a.RequiredSmall("index"),
            Value = a.RequiredUnsigned("value"),
            ValueTwo = a.Unsigned("valueTwo") ?? 0,
            Op = a.Required("op"),
        }),
    };
}
