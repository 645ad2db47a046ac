using System.Net.Http.Headers;
using System.Text;

namespace DockerPS.Engine.Registry.Authorization;

/// <summary>Who somebody is to a registry: a name and password, or a token that stands for both.</summary>
/// <param name="UserName">Empty when it is a token.</param>
/// <param name="Password">The user's.</param>
/// <param name="IdentityToken">Exchanged for short-lived tokens (Docker's <c>identitytoken</c>).</param>
/// <param name="BearerToken">Sent as it is.</param>
internal sealed record RegistryCredential(string UserName, string Password, string IdentityToken = "", string BearerToken = "")
{
    public static RegistryCredential None { get; } = new("", "");

    public bool IsNone => UserName.Length == 0 && IdentityToken.Length == 0 && BearerToken.Length == 0;

    public AuthenticationHeaderValue Basic => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserName}:{Password}")));

    /// <summary>Whether a text can be a token in a header: no blanks, no ends of lines.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>A token that the user gave; what a file has around it is left out.</summary>
    /// <exception cref="DockerArgumentException">InvalidToken.</exception>
    public static string Sendable(string token) => IsSendable(token.Trim()) ? token.Trim() : throw new DockerArgumentException(
        "InvalidToken", "The token has blanks, ends of lines or other characters that no token has. Give it as the registry or its token server gave it.", "Token");

    /// <inheritdoc/>
    public override string ToString() => UserName.Length > 0 ? UserName : IsNone ? "nobody" : "token";
}
