using System.Net;

namespace DockerPS.Engine.Registry;

/// <summary>A host that serves a repository: the registry of its name, or a mirror of that.</summary>
internal sealed record RegistryEndpoint
{
    /// <summary>Docker Hub's API host.</summary>
    public const string DockerHub = "registry-1.docker.io";

    /// <summary>Host and port.</summary>
    public required string Host { get; init; }

    /// <summary>The registry as people call it.</summary>
    public required string Name { get; init; }

    /// <summary>The repository's path there.</summary>
    public required string Repository { get; init; }

    /// <summary>What stands before <c>/v2/</c>: empty, or a path as <c>/cache</c>.</summary>
    public string BasePath { get; init; } = "";

    /// <summary><c>http</c> or <c>https</c> where the configuration says it; else it is found out.</summary>
    public string? Scheme { get; init; }

    /// <summary>Plain HTTP is accepted where there is no TLS.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Any certificate is accepted.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Another endpoint follows when this one cannot serve.</summary>
    public bool Mirror { get; init; }

    /// <summary>No registry, but where a layer that is not distributed by registries is to be had.</summary>
    public bool Foreign { get; init; }

    /// <summary>Whether only this machine can be meant: there plain HTTP can be read by nobody else.</summary>
    public static bool IsLoopback(string host)
    {
        string name = host.StartsWith('[') ? host[1..host.IndexOf(']', StringComparison.Ordinal)] : host.Split(':')[0];
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));
    }
}
