namespace DockerPS;

/// <summary>Kind of a file.</summary>
public enum ContainerFileType
{
    File,
    Directory,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Fifo,
    Socket,
}

/// <summary>What is known of a file in a container or image.</summary>
public sealed record ContainerFile
{
    public required ContainerFileType Type { get; init; }

    public required UnixFileMode Permissions { get; init; }

    /// <summary>Type and permissions as <c>ls</c> prints them: <c>drwxr-xr-x</c>.</summary>
    public string Mode => ContainerFileMode.Text(Type, Permissions);

    public required long Uid { get; init; }

    public required long Gid { get; init; }

    /// <summary>Bytes of a regular file, else 0.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset Modified { get; init; }

    /// <summary>Where a symbolic link leads, else empty.</summary>
    public string LinkTarget { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Mode} {Uid}:{Gid} {(Type == ContainerFileType.File ? new ByteSize(Size).ToString() : LinkTarget)}".TrimEnd();
}

/// <summary>Writes modes as <c>ls</c> does.</summary>
internal static class ContainerFileMode
{
    public static string Text(ContainerFileType type, UnixFileMode mode)
    {
        Span<char> text = stackalloc char[10];
        text[0] = type switch
        {
            ContainerFileType.Directory => 'd',
            ContainerFileType.SymbolicLink => 'l',
            ContainerFileType.CharacterDevice => 'c',
            ContainerFileType.BlockDevice => 'b',
            ContainerFileType.Fifo => 'p',
            ContainerFileType.Socket => 's',
            _ => '-',
        };
        for (int i = 0; i < 9; i++) text[i + 1] = ((int)mode & (0x100 >> i)) != 0 ? "rwx"[i % 3] : '-';
        Special(text, 3, mode.HasFlag(UnixFileMode.SetUser), 's');
        Special(text, 6, mode.HasFlag(UnixFileMode.SetGroup), 's');
        Special(text, 9, mode.HasFlag(UnixFileMode.StickyBit), 't');
        return text.ToString();
    }

    private static void Special(Span<char> text, int place, bool set, char letter)
    {
        if (set) text[place] = text[place] == 'x' ? letter : char.ToUpperInvariant(letter);
    }
}
