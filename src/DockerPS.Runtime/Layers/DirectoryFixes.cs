using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// What directories get when all is unpacked: times, which every file put into them changes; setgid and default ACLs, which every
/// file put into them would inherit.
/// </summary>
internal sealed class DirectoryFixes
{
    private const int ChunkSize = 64 << 10;
    private readonly List<byte[]> _chunks = [];
    private readonly List<Fix> _fixes = [];
    private Dictionary<int, byte[]>? _defaultAcls;
    private int _used = ChunkSize;

    public readonly record struct Fix(
        byte[] Chunk, int Start, int Length, LibC.timespec Accessed, LibC.timespec Modified, ushort Mode, bool HasSpecialMode)
    {
        public ReadOnlySpan<byte> Path => Chunk.AsSpan(Start, Length);
    }

    public int Count => _fixes.Count;

    public Fix this[int index] => _fixes[index];

    public void Add(ReadOnlySpan<byte> path, TarEntry entry)
    {
        if (path.Length > ChunkSize - _used)
        {
            _chunks.Add(new byte[Math.Max(ChunkSize, path.Length)]);
            _used = 0;
        }
        byte[] chunk = _chunks[^1];
        path.CopyTo(chunk.AsSpan(_used));
        var modified = new LibC.timespec { Seconds = entry.ModifiedSeconds, Nanoseconds = entry.ModifiedNanoseconds };
        LibC.timespec accessed = entry.HasAccessTime
            ? new LibC.timespec { Seconds = entry.AccessedSeconds, Nanoseconds = entry.AccessedNanoseconds }
            : modified;
        _fixes.Add(new Fix(chunk, _used, path.Length, accessed, modified, (ushort)entry.Mode,
            (entry.Mode & (LibC.S_ISUID | LibC.S_ISGID)) != 0));
        _used += path.Length;
    }

    /// <summary>Gives the directory that was added last a default ACL, as the kernel's bytes.</summary>
    public void SetDefaultAcl(ReadOnlySpan<byte> acl) => (_defaultAcls ??= [])[_fixes.Count - 1] = acl.ToArray();

    public byte[]? DefaultAcl(int index) => _defaultAcls?.GetValueOrDefault(index);
}
