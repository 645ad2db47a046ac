using System.Text;
using DockerPS.Linux;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Options of a mount in config.json, split by who reads them: attributes of this mount and of all below it, propagation, flags of
/// the file system, and what the file system itself reads (OCI runtime-spec, config.md, "Linux mount options").
/// </summary>
internal struct MountOptions
{
    /// <summary>Flags of mount(2) that were asked for.</summary>
    public ulong Flags;

    /// <summary>Flags of mount(2) whose opposite was asked for.</summary>
    public ulong Cleared;

    /// <summary>Attributes of mount_setattr(2) for the mount and all mounts below it (<c>rro</c> …).</summary>
    public ulong RecursiveSet;
    public ulong RecursiveClear;

    /// <summary>Changes of propagation in their order, a byte each, the first lowest: see <see cref="PropagationOf"/>.</summary>
    public ulong Propagation;

    public bool Bind;
    public bool Recursive;
    public bool Remount;

    /// <summary><c>tmpcopyup</c>: a tmpfs starts with what the image has at its place.</summary>
    public bool CopyUp;

    /// <summary><c>idmap</c> or <c>ridmap</c>.</summary>
    public bool IdMapped;
    public bool IdMappedRecursively;

    /// <summary>What is none of the above, with commas between.</summary>
    public string? Data;

    private ulong _accessTime;
    private bool _hasAccessTime;

    /// <summary>Attributes of mount_setattr(2) to set on the mount itself.</summary>
    public readonly ulong Set => Attributes(Flags) | _accessTime;

    /// <summary>Those to clear. Access times are one field of several bits, which has to be cleared before it is set.</summary>
    public readonly ulong Clear => Attributes(Cleared) | (_hasAccessTime ? LibC.MOUNT_ATTR_ATIME : 0);

    /// <param name="options">As they stand in config.json.</param>
    /// <param name="where">Their JSON path, for the error.</param>
    /// <exception cref="RuntimeFailureException">More changes of propagation than make sense.</exception>
    public static MountOptions Parse(IReadOnlyList<string>? options, string where)
    {
        MountOptions result = default;
        if (options is null) return result;
        StringBuilder? data = null;
        for (int i = 0; i < options.Count; i++)
        {
            string option = options[i];
            if (result.TryTake(option)) continue;
            if (PropagationOf(option) is var propagation and not 0)
            {
                if (result.Propagation >> 56 != 0) throw Setting.Invalid($"{where}[{i}]: more than eight changes of propagation");
                int at = 0;
                while (result.Propagation >> at != 0) at += 8;
                result.Propagation |= propagation << at;
                continue;
            }

            data = data is null ? new StringBuilder(option) : data.Append(',').Append(option);
        }

        result.Data = data?.ToString();
        return result;
    }

    /// <summary>A change of propagation as one byte: 1 unbindable, 2 private, 3 slave, 4 shared; 0x10 for all mounts below, too. 0: it is none.</summary>
    public static ulong PropagationOf(string? option) => option switch
    {
        "unbindable" => 1,
        "private" => 2,
        "slave" => 3,
        "shared" => 4,
        "runbindable" => 0x11,
        "rprivate" => 0x12,
        "rslave" => 0x13,
        "rshared" => 0x14,
        _ => 0,
    };

    private bool TryTake(string option)
    {
        (ulong set, ulong clear) = Flag(option);
        if ((set | clear) != 0)
        {
            Flags = (Flags & ~clear) | set;
            Cleared = (Cleared & ~set) | clear;
            TakeAccessTime(option);
            return true;
        }

        if (option.Length > 1 && option[0] == 'r' && Recursively(option, out ulong attribute, out bool on))
        {
            ulong mask = (attribute & LibC.MOUNT_ATTR_ATIME) != 0 || attribute == 0 ? LibC.MOUNT_ATTR_ATIME : attribute;
            RecursiveSet = (RecursiveSet & ~mask) | (on ? attribute : 0);
            // A field is cleared and set in one call; a single bit is one or the other.
            if (!on || mask == LibC.MOUNT_ATTR_ATIME) RecursiveClear |= mask;
            else RecursiveClear &= ~mask;
            return true;
        }

        switch (option)
        {
            case "bind":
                return Bind = true;
            case "rbind":
                return Bind = Recursive = true;
            case "remount":
                return Remount = true;
            case "tmpcopyup":
                return CopyUp = true;
            case "idmap":
                return IdMapped = true;
            case "ridmap":
                return IdMapped = IdMappedRecursively = true;
            default:
                return option is "" or "defaults";
        }
    }

    private void TakeAccessTime(string option)
    {
        if (option is not ("noatime" or "atime" or "relatime" or "strictatime" or "nostrictatime")) return;
        _hasAccessTime = true;
        _accessTime = option switch
        {
            "noatime" => LibC.MOUNT_ATTR_NOATIME,
            "strictatime" => LibC.MOUNT_ATTR_STRICTATIME,
            _ => 0,
        };
    }

    private static ulong Attributes(ulong flags)
    {
        ulong attributes = 0;
        if ((flags & LibC.MS_RDONLY) != 0) attributes |= LibC.MOUNT_ATTR_RDONLY;
        if ((flags & LibC.MS_NOSUID) != 0) attributes |= LibC.MOUNT_ATTR_NOSUID;
        if ((flags & LibC.MS_NODEV) != 0) attributes |= LibC.MOUNT_ATTR_NODEV;
        if ((flags & LibC.MS_NOEXEC) != 0) attributes |= LibC.MOUNT_ATTR_NOEXEC;
        if ((flags & LibC.MS_NODIRATIME) != 0) attributes |= LibC.MOUNT_ATTR_NODIRATIME;
        if ((flags & LibC.MS_NOSYMFOLLOW) != 0) attributes |= LibC.MOUNT_ATTR_NOSYMFOLLOW;
        return attributes;
    }

    private static (ulong Set, ulong Clear) Flag(string option) => option switch
    {
        "ro" => (LibC.MS_RDONLY, 0),
        "rw" => (0, LibC.MS_RDONLY),
        "nosuid" => (LibC.MS_NOSUID, 0),
        "suid" => (0, LibC.MS_NOSUID),
        "nodev" => (LibC.MS_NODEV, 0),
        "dev" => (0, LibC.MS_NODEV),
        "noexec" => (LibC.MS_NOEXEC, 0),
        "exec" => (0, LibC.MS_NOEXEC),
        "nosymfollow" => (LibC.MS_NOSYMFOLLOW, 0),
        "symfollow" => (0, LibC.MS_NOSYMFOLLOW),
        "noatime" => (LibC.MS_NOATIME, LibC.MS_STRICTATIME | LibC.MS_RELATIME),
        "atime" => (0, LibC.MS_NOATIME),
        "nodiratime" => (LibC.MS_NODIRATIME, 0),
        "diratime" => (0, LibC.MS_NODIRATIME),
        "relatime" => (LibC.MS_RELATIME, LibC.MS_NOATIME | LibC.MS_STRICTATIME),
        "norelatime" => (0, LibC.MS_RELATIME),
        "strictatime" => (LibC.MS_STRICTATIME, LibC.MS_NOATIME | LibC.MS_RELATIME),
        "nostrictatime" => (0, LibC.MS_STRICTATIME),
        "sync" => (LibC.MS_SYNCHRONOUS, 0),
        "async" => (0, LibC.MS_SYNCHRONOUS),
        "dirsync" => (LibC.MS_DIRSYNC, 0),
        "mand" => (LibC.MS_MANDLOCK, 0),
        "nomand" => (0, LibC.MS_MANDLOCK),
        "silent" => (LibC.MS_SILENT, 0),
        "loud" => (0, LibC.MS_SILENT),
        "iversion" => (LibC.MS_I_VERSION, 0),
        "noiversion" => (0, LibC.MS_I_VERSION),
        "lazytime" => (LibC.MS_LAZYTIME, 0),
        "nolazytime" => (0, LibC.MS_LAZYTIME),
        _ => (0, 0),
    };

    /// <summary>Attributes by their name behind the <c>r</c>. Access times that are not recorded at all or always are the exception; else they are relative.</summary>
    private static bool Recursively(string option, out ulong attribute, out bool on)
    {
        (attribute, on) = option switch
        {
            "rro" => (LibC.MOUNT_ATTR_RDONLY, true),
            "rrw" => (LibC.MOUNT_ATTR_RDONLY, false),
            "rnosuid" => (LibC.MOUNT_ATTR_NOSUID, true),
            "rsuid" => (LibC.MOUNT_ATTR_NOSUID, false),
            "rnodev" => (LibC.MOUNT_ATTR_NODEV, true),
            "rdev" => (LibC.MOUNT_ATTR_NODEV, false),
            "rnoexec" => (LibC.MOUNT_ATTR_NOEXEC, true),
            "rexec" => (LibC.MOUNT_ATTR_NOEXEC, false),
            "rnodiratime" => (LibC.MOUNT_ATTR_NODIRATIME, true),
            "rdiratime" => (LibC.MOUNT_ATTR_NODIRATIME, false),
            "rnosymfollow" => (LibC.MOUNT_ATTR_NOSYMFOLLOW, true),
            "rsymfollow" => (LibC.MOUNT_ATTR_NOSYMFOLLOW, false),
            "rnoatime" => (LibC.MOUNT_ATTR_NOATIME, true),
            "ratime" => (LibC.MOUNT_ATTR_NOATIME, false),
            "rstrictatime" => (LibC.MOUNT_ATTR_STRICTATIME, true),
            "rnostrictatime" => (LibC.MOUNT_ATTR_STRICTATIME, false),
            "rrelatime" => (0UL, true),
            "rnorelatime" => (0UL, false),
            _ => (ulong.MaxValue, false),
        };
        return attribute != ulong.MaxValue;
    }
}
