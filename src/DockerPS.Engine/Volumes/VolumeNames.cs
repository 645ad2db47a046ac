using System.Security.Cryptography;

namespace DockerPS.Engine.Volumes;

/// <summary>Names of volumes and of their snapshots.</summary>
internal static class VolumeNames
{
    /// <exception cref="DockerArgumentException">InvalidVolumeName.</exception>
    public static void Check(string name, string what = "volume")
    {
        if (Is(name)) return;
        throw new DockerArgumentException(
            what == "volume" ? "InvalidVolumeName" : "InvalidSnapshotName",
            $"'{name}' is no name of a {what}. Use letters, digits, '_', '.' and '-', beginning with a letter or digit; for a directory of the host write an absolute path.",
            name);
    }

    public static bool Is(string name) => name.Length is > 0 and <= 255 && char.IsAsciiLetterOrDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>A name as Docker gives to a volume without one.</summary>
    public static string Anonymous() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
