namespace DockerPS.Engine;

/// <summary>How a registry is spoken to, as the caller of one verb gives it. What is not given comes from logins and configuration.</summary>
public sealed record RegistryAccess
{
    /// <summary>Logins and configuration only.</summary>
    public static RegistryAccess Default { get; } = new();

    /// <summary>Together with <see cref="Password"/>; over a stored login.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>A bearer token that is sent as it is; over <see cref="UserName"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Plain HTTP and certificates that nobody vouches for are accepted.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether the caller says who it is.</summary>
    internal bool HasCredential => Token is not null || UserName is not null;

    /// <summary>The same for another host than the one that the caller named: what it knows must not reach that.</summary>
    internal RegistryAccess Anonymous => Default;

    /// <inheritdoc/>
    public override string ToString() => Token is not null ? "token" : UserName ?? "default";
}
