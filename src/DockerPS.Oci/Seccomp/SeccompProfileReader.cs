using System.Globalization;
using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Oci.Seccomp;

/// <summary>Reads a profile's file. Unknown members are passed over (comments of all kinds are among them).</summary>
internal static class SeccompProfileReader
{
    public static SeccompProfile Read(ReadOnlyMemory<byte> json)
    {
        SeccompProfile profile;
        try
        {
            profile = JsonFields.Document(json, Profile);
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            throw new SeccompProfileException("$", line + 1, e.Message);
        }
        catch (JsonException e)
        {
            throw Wrong(e);
        }

        Check(profile);
        return profile;
    }

    private static SeccompProfileException Wrong(JsonException e)
    {
        string path = e.Path ?? "$";
        return new SeccompProfileException(
            path, null, (e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message[path.Length..] : e.Message).TrimStart(' ', ':'));
    }

    private static SeccompProfile Profile(JsonFields f) => new()
    {
        DefaultAction = f.Required("defaultAction"),
        DefaultErrnoRet = f.Small("defaultErrnoRet"),
        Architectures = f.Texts("architectures") ?? [],
        ArchMap = f.Objects("archMap", m => new SeccompArchitectureEntry(m.Required("architecture"), m.Texts("subArchitectures") ?? [])) ?? [],
        Flags = f.Texts("flags"),
        ListenerPath = f.Text("listenerPath"),
        ListenerMetadata = f.Text("listenerMetadata"),
        Syscalls = f.Objects("syscalls", Rule) ?? [],
    };

    private static SeccompProfileRule Rule(JsonFields f)
    {
        string? name = f.Text("name");
        List<string>? names = f.Texts("names");
        if (name is { Length: > 0 } && names is { Count: > 0 }) throw f.Wrong("names", "stands beside name; write one of them");
        if (name is not { Length: > 0 } && names is null) throw f.Missing("names");
        return new SeccompProfileRule(
            new RuntimeSeccompRule
            {
                Names = name is { Length: > 0 } ? [name] : names!,
                Action = f.Required("action"),
                ErrnoRet = f.Small("errnoRet"),
                Args = f.Objects("args", a => new RuntimeSeccompArgument
                {
                    Index = a.RequiredSmall("index"),
                    Value = a.RequiredUnsigned("value"),
                    ValueTwo = a.Unsigned("valueTwo") ?? 0,
                    Op = a.Required("op"),
                }),
            },
            f.TryObject("includes", out JsonFields includes) ? Filter(includes) : Nothing,
            f.TryObject("excludes", out JsonFields excludes) ? Filter(excludes) : Nothing);
    }

    private static SeccompProfileFilter Nothing { get; } = new(null, null, null);

    private static SeccompProfileFilter Filter(JsonFields f) =>
        new(f.Texts("caps"), f.Texts("arches"), f.Text("minKernel") is { Length: > 0 } text ? Kernel(f, text) : null);

    private static (int Major, int Minor) Kernel(JsonFields f, string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? (major, minor)
            : throw f.Wrong("minKernel", "must be a version of two numbers such as 4.8");
    }

    private static void Check(SeccompProfile profile)
    {
        if (profile.ArchMap.Count > 0 && profile.Architectures.Count > 0)
            throw new SeccompProfileException("$.archMap", null, "stands beside architectures; write one of them.");
        var all = new RuntimeSeccomp
        {
            DefaultAction = profile.DefaultAction,
            DefaultErrnoRet = profile.DefaultErrnoRet,
            Architectures = [.. profile.Architectures],
            Flags = profile.Flags is null ? null : [.. profile.Flags],
            ListenerPath = profile.ListenerPath,
            ListenerMetadata = profile.ListenerMetadata,
            Syscalls = [.. profile.Syscalls.Select(s => s.Rule)],
        };
        try
        {
            RuntimeSeccompValidator.Validate(all, "$");
        }
        catch (JsonException e)
        {
            throw Wrong(e);
        }
    }
}
