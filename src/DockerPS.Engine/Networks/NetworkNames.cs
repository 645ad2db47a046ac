using DockerPS.Engine.Containers;

namespace DockerPS.Engine.Networks;

/// <summary>Names of networks, and those that are always there.</summary>
internal static class NetworkNames
{
    public const string Default = "bridge", None = "none", Host = "host";

    /// <summary>As a container's names, or one letter, but for words that mean something else where a network is named.</summary>
    /// <exception cref="DockerArgumentException">InvalidNetworkName.</exception>
    public static void Check(string name)
    {
        if (!(ContainerNames.IsName(name) || (name.Length == 1 && char.IsAsciiLetterOrDigit(name[0]))) || name is "container" or "default")
        {
            throw new DockerArgumentException(
                "InvalidNetworkName",
                $"'{name}' cannot be a network's name. Use letters, digits, '_', '.' and '-', beginning with a letter or digit.",
                name);
        }
    }

    /// <summary>The networks that a specification names, in order; none when it shares another's network or has none.</summary>
    public static IReadOnlyList<string> Of(ContainerSpec spec) =>
        spec.Network is "" or None || IsShared(spec)
            ? []
            : spec.Network.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether it has the network namespace of this machine or of another container.</summary>
    public static bool IsShared(ContainerSpec spec) => spec.Network == Host || ContainerMode.Is(spec.Network);

    /// <exception cref="DockerArgumentException">InvalidNetworkAlias.</exception>
    public static void CheckAlias(string alias)
    {
        if (alias.Length is > 0 and <= 63 && !alias.AsSpan().ContainsAnyExcept(Letters) && alias[0] != '-') return;
        throw new DockerArgumentException(
            "InvalidNetworkAlias", $"'{alias}' cannot be a name in a network. Use up to 63 letters, digits, '.', '_' and '-'.", alias);
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
