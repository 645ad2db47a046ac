using System.Globalization;

namespace DockerPS;

public sealed partial record ContainerMount
{
    private static readonly string[] Propagations = ["private", "rprivate", "slave", "rslave", "shared", "rshared"];

    private static readonly string[] LongKeys =
    [
        "type", "source", "src", "target", "dst", "destination", "readonly", "ro", "bind-propagation", "bind-nonrecursive",
        "bind-recursive", "bind-create-src", "tmpfs-size", "tmpfs-mode", "consistency", "volume-nocopy", "volume-subpath", "volume-driver",
        "volume-label", "volume-opt", "image-subpath", "subpath", "idmap", "rw", "readwrite",
    ];

    /// <summary>Whether a text is one field of the long form, such as <c>source=/a</c> or <c>readonly</c>.</summary>
    public static bool IsLongField(string text) =>
        LongKeys.Contains(text.Split('=', 2)[0].Trim().ToLowerInvariant())
        && (text.Contains('=') || text.ToLowerInvariant() is "readonly" or "ro" or "rw" or "readwrite" or "idmap" or "bind-nonrecursive" or "volume-nocopy" or "bind-create-src");

    /// <summary>
    /// Parses the short form of Docker's <c>--volume</c> (<c>/host:/in:ro,rshared</c>) or the long form of <c>--mount</c>
    /// (<c>type=bind,source=/host,target=/in,readonly</c>): the long one begins with one of its keys.
    /// </summary>
    /// <exception cref="FormatException">The text is no mount; the message says what is wrong with it.</exception>
    public static ContainerMount Parse(string text)
    {
        text ??= "";
        string first = text.Split(',', 2)[0];
        bool isLong = IsLongField(first) && (first.Contains('=') || !text.Contains(':'));
        return isLong ? ParseLong(text) : ParseShort(text);
    }

    /// <summary>Parses Docker's <c>--tmpfs</c>: <c>/target[:size=64m,mode=1777,noexec]</c>.</summary>
    /// <exception cref="FormatException">The text is not a tmpfs mount.</exception>
    public static ContainerMount ParseTmpfs(string text)
    {
        string[] parts = (text ?? "").Split(':', 2);
        var mount = new ContainerMount { Type = ContainerMountType.Tmpfs, Target = AbsoluteTarget(parts[0], text ?? "") };
        List<string> others = [];
        foreach (string option in parts.Length == 2 ? parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] pair = option.Split('=', 2);
            switch (pair)
            {
                // A share of memory is the kernel's to count.
                case ["size", [.., '%']]: others.Add(option); break;
                case ["size", string size]: mount = mount with { TmpfsSize = TmpfsBytes(size) }; break;
                case ["mode", string mode]: mount = mount with { TmpfsMode = Octal(mode, text!) }; break;
                case ["ro"]: mount = mount with { ReadOnly = true }; break;
                case ["rw"]: break;
                default: others.Add(option); break;
            }
        }
        return mount with { Options = others };
    }

    private static ContainerMount ParseShort(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 3 || parts.Any(string.IsNullOrEmpty))
            throw new FormatException($"'{text}' is not a mount. Write /host/path:/container/path, with :ro to make it read-only.");
        string source = parts.Length == 1 ? "" : parts[0];
        bool isPath = source.StartsWith('/') || source.StartsWith('.') || source.StartsWith('~');
        var mount = new ContainerMount
        {
            Type = isPath ? ContainerMountType.Bind : ContainerMountType.Volume,
            Source = source,
            Target = AbsoluteTarget(parts.Length == 1 ? parts[0] : parts[1], text),
            CreateSource = isPath,
        };
        return parts.Length == 3 ? parts[2].Split(',').Aggregate(mount, (m, option) => m.WithShortOption(option, text)) : mount;
    }

    private ContainerMount WithShortOption(string option, string text) => option switch
    {
        // Recursively, as in Docker since 25; rro is the word for it that other tools use.
        "ro" or "readonly" or "rro" => this with { ReadOnly = true, ReadOnlyNonRecursive = false },
        "ro-non-recursive" => this with { ReadOnly = true, ReadOnlyNonRecursive = true },
        "rw" => this with { ReadOnly = false },
        "idmap" => this with { IdMapped = true },
        "rbind" => this with { NonRecursive = false },
        "bind" => this with { NonRecursive = true },
        // SELinux labels are kept for an engine on a labelling host; consistency is a hint of Docker Desktop's and means nothing here.
        "z" or "Z" or "nocopy" or "noexec" or "nosuid" or "nodev" or "exec" or "suid" or "dev" => this with { Options = [.. Options, option] },
        "consistent" or "cached" or "delegated" => this,
        _ when Propagations.Contains(option) => this with { Propagation = option },
        _ => throw new FormatException(
            $"'{option}' in '{text}' is not a mount option. Write ro, ro-non-recursive, rw, z, Z, idmap, bind, rbind, nosuid, nodev, noexec or one of {string.Join(", ", Propagations)}."),
    };

    private static ContainerMount ParseLong(string text)
    {
        // docker's default type is volume; a mount without one that names a path of the host can only mean a bind.
        ContainerMountType? type = null;
        bool? written = null;
        string recursive = "enabled";
        var mount = new ContainerMount();
        foreach (string field in Fields(text))
        {
            string[] pair = field.Split('=', 2);
            string key = pair[0].Trim().ToLowerInvariant();
            string value = pair.Length == 2 ? pair[1] : "";
            if (key == "type") type = TypeOf(value, text);
            else if (key is "rw" or "readwrite") written = Flag(value, pair.Length == 2, text);
            else if (key is "readonly" or "ro") written = !Flag(value, pair.Length == 2, text);
            else if (key == "bind-recursive") mount = mount.WithRecursive(recursive = value, text);
            else mount = mount.WithField(key, value, pair.Length == 2, text);
        }
        mount = mount with { Type = type ?? (mount.Source.StartsWith('/') && mount.VolumeOptions is null ? ContainerMountType.Bind : ContainerMountType.Volume) };
        // A tree of an image is read-only unless it is asked for otherwise, as in docker and podman.
        mount = mount with { ReadOnly = !(written ?? mount.Type != ContainerMountType.Image) };
        CheckKinds(mount, text);
        if (mount.Type == ContainerMountType.Bind && mount.Source.Length == 0)
            throw new FormatException($"'{text}' has no source. Add source=/host/path.");
        if (mount.Type == ContainerMountType.Tmpfs && mount.Source.Length > 0)
            throw new FormatException($"'{text}' is a tmpfs with a source. Leave the source out, or write type=bind.");
        if (recursive is "writable" or "readonly" && !mount.ReadOnly)
            throw new FormatException($"'bind-recursive={recursive}' in '{text}' is about a read-only mount. Add readonly.");
        if (recursive == "readonly" && mount.Propagation is not (null or "rprivate"))
            throw new FormatException($"'bind-recursive=readonly' in '{text}' cannot hold for mounts that come in later. Write bind-propagation=rprivate.");
        return mount with { Target = AbsoluteTarget(mount.Target, text) };
    }

    /// <summary>As docker's: enabled and readonly bind what is mounted below as well, read-only with the mount; writable leaves it as it is.</summary>
    private ContainerMount WithRecursive(string value, string text) => value switch
    {
        "enabled" or "readonly" => this with { NonRecursive = false, ReadOnlyNonRecursive = false },
        "disabled" => this with { NonRecursive = true, ReadOnlyNonRecursive = false },
        "writable" => this with { NonRecursive = false, ReadOnlyNonRecursive = true },
        _ => throw new FormatException($"'bind-recursive={value}' in '{text}' is not known. Write enabled, disabled, writable or readonly."),
    };

    private ContainerMount WithField(string key, string value, bool hasValue, string text) => key switch
    {
        "source" or "src" => this with { Source = value },
        "target" or "dst" or "destination" => this with { Target = value },
        "bind-create-src" => this with { CreateSource = Flag(value, hasValue, text) },
        "volume-subpath" or "image-subpath" or "subpath" when value.Length > 0 => this with { Subpath = value },
        "volume-driver" when value is "local" or "" => this,
        "volume-driver" => throw new FormatException($"'{value}' in '{text}' is a driver that is not there. Write local, or leave it out."),
        "volume-label" => this with { VolumeLabels = With(VolumeLabels, value) },
        "volume-opt" => this with { VolumeOptions = With(VolumeOptions, value) },
        "bind-propagation" when Propagations.Contains(value) => this with { Propagation = value },
        "bind-nonrecursive" => this with { NonRecursive = Flag(value, hasValue, text) },
        "idmap" => this with { IdMapped = Flag(value, hasValue, text) },
        "tmpfs-size" => this with { TmpfsSize = TmpfsBytes(value) },
        "tmpfs-mode" => this with { TmpfsMode = Octal(value, text) },
        "consistency" => this,
        "volume-nocopy" => Flag(value, hasValue, text) ? this with { Options = [.. Options, "nocopy"] } : this,
        _ => throw new FormatException(
            $"'{key}{(hasValue ? "=" + value : "")}' in '{text}' is not known. Write type, source, target, readonly, bind-propagation, bind-recursive, bind-create-src, idmap, "
            + "volume-subpath, volume-nocopy, volume-label, volume-opt, image-subpath, tmpfs-size or tmpfs-mode."),
    };

    /// <summary>Fields between commas; one in double quotes may hold commas, as in <c>"volume-opt=o=size=8m,mode=700"</c>.</summary>
    private static List<string> Fields(string text)
    {
        List<string> fields = [];
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(c);
        }

        if (quoted) throw new FormatException($"'{text}' has a quotation mark that is not closed.");
        fields.Add(field.ToString());
        return fields;
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string>? known, string pair)
    {
        var all = new Dictionary<string, string>(known ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        string[] parts = pair.Split('=', 2);
        all[parts[0]] = parts.Length == 2 ? parts[1] : "";
        return all;
    }

    private static void CheckKinds(ContainerMount mount, string text)
    {
        if (mount.Subpath is not null && mount.Type is not (ContainerMountType.Volume or ContainerMountType.Image))
            throw new FormatException($"'{text}' has a subpath, which is for volumes and images. Put it behind the source.");
        if ((mount.VolumeLabels ?? mount.VolumeOptions) is not null && mount.Type != ContainerMountType.Volume)
            throw new FormatException($"'{text}' has options of a volume. Write type=volume, or leave them out.");
        if (mount.Type == ContainerMountType.Image && mount.Source.Length == 0)
            throw new FormatException($"'{text}' names no image. Add source=IMAGE.");
    }

    private static ContainerMountType TypeOf(string value, string text) => value switch
    {
        "bind" => ContainerMountType.Bind,
        "tmpfs" => ContainerMountType.Tmpfs,
        "volume" => ContainerMountType.Volume,
        "image" => ContainerMountType.Image,
        _ => throw new FormatException($"'{value}' in '{text}' is not a type of mount. Write bind, volume, tmpfs or image."),
    };

    private static bool Flag(string value, bool hasValue, string text) => (hasValue ? value.ToLowerInvariant() : "true") switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new FormatException($"'{value}' in '{text}' is neither true nor false."),
    };

    private static ByteSize TmpfsBytes(string value) => ByteSize.Parse(value);

    private static int Octal(string value, string text)
    {
        try
        {
            int mode = Convert.ToInt32(value, 8);
            if (mode is >= 0 and <= 0x0FFF) return mode;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
        }
        throw new FormatException($"'{value}' in '{text}' is not a mode. Write octal digits such as 1777.");
    }

    private static string AbsoluteTarget(string target, string text) =>
        target.StartsWith('/') && target != "/"
            ? target
            : throw new FormatException(
                string.Create(CultureInfo.InvariantCulture, $"'{text}' has no absolute path in the container, or the root itself. Write a target such as /data."));
}
