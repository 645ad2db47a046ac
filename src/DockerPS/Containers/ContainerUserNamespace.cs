using System.Globalization;

namespace DockerPS;

/// <summary>Kinds of user namespace.</summary>
public enum ContainerUserNamespaceMode
{
    /// <summary>The host's: root in the container is root.</summary>
    Host = 0,

    /// <summary>One of its own, whose ids on the host no other container has.</summary>
    Auto = 1,

    /// <summary>As Auto, but the user who asks has the same id inside and outside.</summary>
    KeepId = 2,

    /// <summary>The ranges that were asked for.</summary>
    Range = 3,
}

/// <summary>
/// The user namespace of a container. Converts from <c>host</c>, <c>auto[:size=N]</c>, <c>keep-id[:uid=N,gid=N]</c>, <c>HOST:SIZE</c> and
/// <c>CONTAINER:HOST:SIZE[,…]</c>.
/// </summary>
public sealed record ContainerUserNamespace
{
    /// <summary>How many ids a container has unless it is said: all that Unix systems use as a rule.</summary>
    public const uint DefaultSize = 65536;

    public ContainerUserNamespaceMode Mode { get; init; }

    /// <summary>Number of ids, with Auto and KeepId.</summary>
    public uint Size { get; init; } = DefaultSize;

    /// <summary>The id in the container of the user who asks, with KeepId; null is the same as outside.</summary>
    public uint? Uid { get; init; }

    /// <summary>The id in the container of that user's group, with KeepId; null is the same as outside.</summary>
    public uint? Gid { get; init; }

    /// <summary>Ranges of user ids: with Range as asked for, else chosen when the container is made; they stay as long as it exists.</summary>
    public IReadOnlyList<ContainerIdMapping> UidMappings { get; init => field = Indexable.List(value); } = [];

    /// <summary>Ranges of group ids.</summary>
    public IReadOnlyList<ContainerIdMapping> GidMappings { get; init => field = Indexable.List(value); } = [];

    /// <summary>Parses the forms above.</summary>
    /// <exception cref="FormatException">The text is none of them.</exception>
    public static ContainerUserNamespace Parse(string text)
    {
        text = text?.Trim() ?? "";
        string[] parts = text.Split(':', 2);
        return parts[0].ToLowerInvariant() switch
        {
            "host" or "" when parts.Length == 1 => new ContainerUserNamespace(),
            "auto" => Options(new() { Mode = ContainerUserNamespaceMode.Auto }, parts, text),
            "keep-id" => Options(new() { Mode = ContainerUserNamespaceMode.KeepId }, parts, text),
            { Length: > 0 } first when char.IsAsciiDigit(first[0]) => Range(text),
            _ => throw Wrong(text),
        };
    }

    /// <summary>As it was asked for, in a form that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        List<string> options = [];
        if (Uid is { } uid) options.Add(string.Create(CultureInfo.InvariantCulture, $"uid={uid}"));
        if (Gid is { } gid) options.Add(string.Create(CultureInfo.InvariantCulture, $"gid={gid}"));
        if (Size != DefaultSize) options.Add(string.Create(CultureInfo.InvariantCulture, $"size={Size}"));
        string suffix = options.Count > 0 ? ":" + string.Join(',', options) : "";
        return Mode switch
        {
            ContainerUserNamespaceMode.Auto => "auto" + suffix,
            ContainerUserNamespaceMode.KeepId => "keep-id" + suffix,
            ContainerUserNamespaceMode.Range => string.Join(',', UidMappings),
            _ => "host",
        };
    }

    private static ContainerUserNamespace Range(string text)
    {
        ContainerIdMapping[] ranges = [.. text.Split(',').Select(ContainerIdMapping.Parse)];
        return new ContainerUserNamespace { Mode = ContainerUserNamespaceMode.Range, UidMappings = ranges, GidMappings = ranges };
    }

    private static ContainerUserNamespace Options(ContainerUserNamespace result, string[] parts, string text)
    {
        foreach (string option in parts.Length == 2 ? parts[1].Split(',') : [])
        {
            string[] pair = option.Split('=', 2);
            if (pair.Length != 2 || !uint.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)) throw Wrong(text);
            result = (pair[0], result.Mode) switch
            {
                ("size", _) when number > 0 => result with { Size = number },
                ("uid", ContainerUserNamespaceMode.KeepId) => result with { Uid = number },
                ("gid", ContainerUserNamespaceMode.KeepId) => result with { Gid = number },
                _ => throw Wrong(text),
            };
        }

        return result;
    }

    private static FormatException Wrong(string text) => new(
        $"'{text}' is no user namespace. Write host, auto, auto:size=65536, keep-id, keep-id:uid=1000,gid=1000, or ranges such as 100000:65536 "
        + "and 0:100000:65536,65536:1000:1.");
}
