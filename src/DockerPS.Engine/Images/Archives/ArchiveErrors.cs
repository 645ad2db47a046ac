namespace DockerPS.Engine.Images.Archives;

/// <summary>What can be wrong with an archive.</summary>
internal static class ArchiveErrors
{
    public static DockerIntegrityException Invalid(string what, string reason, Exception? inner = null) => new(
        "ArchiveInvalid", $"{what} cannot be read: {reason}. The archive is damaged: make or download it again.", what, inner);

    public static DockerIntegrityException UnknownFormat(string path, string reason, Exception? inner = null) => new(
        "UnknownArchiveFormat",
        $"'{path}' is no image: {reason}. It should be a 'docker save' archive, an OCI image layout (directory or tar), or, with -Name, the "
        + "tar of a root file system; plain or compressed with gzip or zstd.",
        path, inner);

    /// <summary>What the readers of tar, gzip, zstd and JSON throw at damaged input.</summary>
    public static bool IsDamage(Exception exception) => exception
        is InvalidDataException or EndOfStreamException or FormatException or System.Text.Json.JsonException or ZstdSharp.ZstdException;
}
