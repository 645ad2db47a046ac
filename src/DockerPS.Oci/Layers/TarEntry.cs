using System.Text;

namespace DockerPS.Oci.Layers;

/// <summary>What an entry makes.</summary>
public enum TarEntryKind
{
    File,
    HardLink,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Directory,
    Fifo,

    /// <summary>Volume labels, sockets and private types, which a file system has nothing for.</summary>
    Other,
}

/// <summary>A run of stored bytes of a sparse file; what lies between runs is a hole.</summary>
public readonly record struct SparsePart(long Offset, long Length);

/// <summary>One entry of an archive. The reader fills the same object again for the next entry.</summary>
public sealed class TarEntry
{
    internal ByteBuffer NameBytes, LinkBytes;
    private ByteBuffer _xattrBytes;
    private readonly List<(int Start, int NameLength, int ValueLength)> _xattrs = [];

    public TarEntryKind Kind { get; internal set; }

    /// <summary>The type as it stands in the header.</summary>
    public byte TypeFlag { get; internal set; }

    /// <summary>The name as it is stored: any bytes except NUL, not cleaned.</summary>
    public ReadOnlySpan<byte> Name => NameBytes.Span;

    /// <summary>Target of a symbolic or hard link, as it is stored.</summary>
    public ReadOnlySpan<byte> LinkTarget => LinkBytes.Span;

    /// <summary>Permissions with setuid, setgid and sticky (07777).</summary>
    public uint Mode { get; internal set; }

    public uint Uid { get; internal set; }
    public uint Gid { get; internal set; }

    /// <summary>Length of the file, holes included.</summary>
    public long Size { get; internal set; }

    /// <summary>Bytes of content in the archive; less than <see cref="Size"/> for a sparse file.</summary>
    public long StoredSize { get; internal set; }

    /// <summary>Seconds since 1970, and nanoseconds from 0 to 999,999,999 to be added.</summary>
    public long ModifiedSeconds { get; internal set; }
    public uint ModifiedNanoseconds { get; internal set; }

    /// <summary>Whether the archive tells a time of last access.</summary>
    public bool HasAccessTime { get; internal set; }
    public long AccessedSeconds { get; internal set; }
    public uint AccessedNanoseconds { get; internal set; }

    public uint DeviceMajor { get; internal set; }
    public uint DeviceMinor { get; internal set; }

    public bool IsSparse { get; internal set; }

    /// <summary>Stored runs of a sparse file: ascending, not overlapping, within <see cref="Size"/>, together <see cref="StoredSize"/>.</summary>
    public List<SparsePart> SparseParts { get; } = [];

    public int XattrCount => _xattrs.Count;

    public ReadOnlySpan<byte> XattrName(int index) => _xattrBytes.Span.Slice(_xattrs[index].Start, _xattrs[index].NameLength);

    public ReadOnlySpan<byte> XattrValue(int index) =>
        _xattrBytes.Span.Slice(_xattrs[index].Start + _xattrs[index].NameLength, _xattrs[index].ValueLength);

    /// <summary>Bytes as text for messages: what cannot be shown stands as <c>\xNN</c>, what is too long is cut.</summary>
    public static string Show(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        bool cut = name.Length > 200;
        if (cut) name = name[..200];
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune))
                text.Append(rune.ToString());
            else
                for (int i = 0; i < length; i++) text.Append("\\x").Append(name[i].ToString("x2", null));
            name = name[length..];
        }
        return cut ? text.Append('…').ToString() : text.ToString();
    }

    internal void SetXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (int i = _xattrs.Count - 1; i >= 0; i--)
            if (XattrName(i).SequenceEqual(name)) _xattrs.RemoveAt(i);
        int start = _xattrBytes.Length;
        _xattrBytes.Append(name);
        _xattrBytes.Append(value);
        _xattrs.Add((start, name.Length, value.Length));
    }

    internal void Reset()
    {
        NameBytes.Clear();
        LinkBytes.Clear();
        _xattrBytes.Clear();
        _xattrs.Clear();
        SparseParts.Clear();
        Kind = TarEntryKind.Other;
        TypeFlag = 0;
        Mode = Uid = Gid = DeviceMajor = DeviceMinor = ModifiedNanoseconds = AccessedNanoseconds = 0;
        Size = StoredSize = ModifiedSeconds = AccessedSeconds = 0;
        HasAccessTime = IsSparse = false;
    }
}
