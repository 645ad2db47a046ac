using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Steps;

/// <summary>Options of a mount in config.json, split into flags, propagation and what the file system itself reads.</summary>
internal struct MountOptions
{
    public bool Bind;
    public bool Recursive;
    public ulong Flags;
    public ulong Cleared;
    public ulong Propagation;
    public string? Data;

    public static MountOptions Parse(IReadOnlyList<string>? options)
    {
        MountOptions result = default;
        if (options is null) return result;
        StringBuilder? data = null;
        foreach (string option in options)
        {
            (ulong set, ulong clear) = Flag(option);
            if (option is "bind" or "rbind")
            {
                result.Bind = true;
                result.Recursive |= option == "rbind";
            }
            else if (set != 0 || clear != 0)
            {
                result.Flags = (result.Flags & ~clear) | set;
                result.Cleared |= clear & ~set;
            }
            else if (PropagationOf(option) is var propagation && propagation != 0)
            {
                result.Propagation = propagation;
            }
            else if (option is not ("defaults" or "rw" or "async"))
            {
                data = data is null ? new StringBuilder(option) : data.Append(',').Append(option);
            }
        }

        result.Data = data?.ToString();
        return result;
    }

    /// <summary>The flags of mount(2) as attributes of mount_setattr(2).</summary>
    public static ulong Attributes(ulong flags)
    {
        ulong attributes = 0;
        if ((flags & LibC.MS_RDONLY) != 0) attributes |= LibC.MOUNT_ATTR_RDONLY;
        if ((flags & LibC.MS_NOSUID) != 0) attributes |= LibC.MOUNT_ATTR_NOSUID;
        if ((flags & LibC.MS_NODEV) != 0) attributes |= LibC.MOUNT_ATTR_NODEV;
        if ((flags & LibC.MS_NOEXEC) != 0) attributes |= LibC.MOUNT_ATTR_NOEXEC;
        if ((flags & LibC.MS_NODIRATIME) != 0) attributes |= LibC.MOUNT_ATTR_NODIRATIME;
        if ((flags & LibC.MS_NOATIME) != 0) attributes |= LibC.MOUNT_ATTR_NOATIME;
        else if ((flags & LibC.MS_STRICTATIME) != 0) attributes |= LibC.MOUNT_ATTR_STRICTATIME;
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
        "sync" => (LibC.MS_SYNCHRONOUS, 0),
        "noatime" => (LibC.MS_NOATIME, 0),
        "atime" => (0, LibC.MS_NOATIME),
        "nodiratime" => (LibC.MS_NODIRATIME, 0),
        "diratime" => (0, LibC.MS_NODIRATIME),
        "relatime" => (LibC.MS_RELATIME, 0),
        "norelatime" => (0, LibC.MS_RELATIME),
        "strictatime" => (LibC.MS_STRICTATIME, 0),
        "nostrictatime" => (0, LibC.MS_STRICTATIME),
        _ => (0, 0),
    };

    public static ulong PropagationOf(string? option) => option switch
    {
        "private" => LibC.MS_PRIVATE,
        "rprivate" => LibC.MS_PRIVATE | LibC.MS_REC,
        "slave" => LibC.MS_SLAVE,
        "rslave" => LibC.MS_SLAVE | LibC.MS_REC,
        "shared" => LibC.MS_SHARED,
        "rshared" => LibC.MS_SHARED | LibC.MS_REC,
        "unbindable" => LibC.MS_UNBINDABLE,
        "runbindable" => LibC.MS_UNBINDABLE | LibC.MS_REC,
        _ => 0,
    };
}
