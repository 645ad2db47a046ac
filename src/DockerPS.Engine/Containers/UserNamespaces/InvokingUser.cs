using System.Globalization;

namespace DockerPS.Engine.Containers.UserNamespaces;

/// <summary>Who really asks, when root was become for it.</summary>
/// <param name="Uid">0 when it is root.</param>
/// <param name="Gid">The user's own group.</param>
internal readonly record struct InvokingUser(uint Uid, uint Gid)
{
    /// <summary>From <c>sudo</c>'s (SUDO_UID, SUDO_GID) or <c>pkexec</c>'s variable (PKEXEC_UID, whose group is taken to have the same number).</summary>
    public static InvokingUser FromEnvironment() =>
        Number("SUDO_UID") is { } uid ? new InvokingUser(uid, Number("SUDO_GID") ?? uid)
            : Number("PKEXEC_UID") is { } other ? new InvokingUser(other, other)
            : default;

    private static uint? Number(string variable) =>
        uint.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null;
}
