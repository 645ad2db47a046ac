using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>Files as the runtime tells of them, as users see them.</summary>
internal static class TreeFiles
{
    public static ContainerFile? ToFile(TreeFile? file) => file is null ? null : new ContainerFile
    {
        Type = (file.Mode & 0xF000) switch
        {
            0x4000 => ContainerFileType.Directory,
            0xA000 => ContainerFileType.SymbolicLink,
            0x2000 => ContainerFileType.CharacterDevice,
            0x6000 => ContainerFileType.BlockDevice,
            0x1000 => ContainerFileType.Fifo,
            0xC000 => ContainerFileType.Socket,
            _ => ContainerFileType.File,
        },
        Permissions = (UnixFileMode)(file.Mode & 0xFFF),
        Uid = file.Uid,
        Gid = file.Gid,
        Size = file.Size,
        Modified = Time(file.Modified),
        LinkTarget = file.LinkTarget ?? "",
    };

    public static ContainerChangeKind KindOf(TreeChange change) =>
        change.Before is null ? ContainerChangeKind.Added : change.After is null ? ContainerChangeKind.Deleted : ContainerChangeKind.Modified;

    /// <summary>A container may give its files any time; what no clock of ours shows becomes the nearest that it does.</summary>
    private static DateTimeOffset Time(long ticks) => new(
        Math.Clamp(ticks, -DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) + DateTime.UnixEpoch.Ticks, TimeSpan.Zero);
}
