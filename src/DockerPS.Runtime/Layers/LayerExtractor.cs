using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Makes the files of one archive in the directory that is the process's root. System calls a file are kept few, since layers are
/// mostly small files: open, write, set times, close; owner and mode only when they are not what open gave.
/// </summary>
internal sealed unsafe partial class LayerExtractor : IDisposable
{
    private const uint PermissionBits = 0x1FF, SpecialBits = 0xE00;

    private readonly TarReader _reader;
    private readonly bool _overlay;
    private readonly Action<string> _warn;
    private readonly DirectoryCache _directories;
    private readonly DirectoryFixes _fixes = new();
    private readonly DirectContent _direct = new();
    private readonly NativePath _path = new(), _linkPath = new(), _scratch = new();
    private readonly AppliedPaths? _applied;
    private int _slash;

    /// <summary>A directory became something else, so that paths of directories unpacked before may be other things now.</summary>
    private bool _directoryReplaced;

    /// <param name="reader">The archive.</param>
    /// <param name="root">Descriptor of the root to which the process has changed.</param>
    /// <param name="overlay">Whiteouts become overlay's; else they are applied to what is there.</param>
    /// <param name="warn">Told of what could not be kept without being an error.</param>
    public LayerExtractor(TarReader reader, int root, bool overlay, Action<string> warn)
    {
        _reader = reader;
        _overlay = overlay;
        _warn = warn;
        _directories = new DirectoryCache(root) { Obstacle = ReplaceWhiteoutByDirectory };
        if (!overlay) _applied = new AppliedPaths();
    }

    /// <summary>No names are whiteouts.</summary>
    public bool Plain { get; init; }

    /// <summary>Bytes of regular files.</summary>
    public long Size { get; private set; }

    private byte* Name => _path.Pointer + _slash + 1;

    /// <summary>Unpacks all entries, then sets the times of directories.</summary>
    /// <exception cref="TarFormatException">The archive is damaged or reaches outside.</exception>
    /// <exception cref="LinuxException">Something cannot be made.</exception>
    public void Run()
    {
        while (_reader.Read()) Apply(_reader.Entry);
        _direct.Drain();
        for (int i = 0; i < _fixes.Count; i++) FixDirectory(i);
    }

    public void Dispose()
    {
        _directories.Dispose();
        _direct.Dispose();
    }

    private void Apply(TarEntry entry)
    {
        if (entry.Kind == TarEntryKind.Other)
        {
            _warn($"The entry '{TarEntry.Show(entry.Name)}' of type '{(char)entry.TypeFlag}' is nothing a file system has; left out.");
            return;
        }
        _path.SetLength(LayerPath.Clean(entry.Name, _path.Reserve(entry.Name.Length)));
        _slash = _path.Span.LastIndexOf((byte)'/');
        if (_path.Length == 0)
        {
            ApplyRoot(entry);
            return;
        }
        ReadOnlySpan<byte> hidden = default;
        switch (Plain ? WhiteoutKind.None : Whiteout.Classify(_path.Span[(_slash + 1)..], out hidden))
        {
            case WhiteoutKind.Removal: Remove(hidden.Length); return;
            case WhiteoutKind.Opaque: MakeOpaque(); return;
            case WhiteoutKind.Bookkeeping: return;
        }
        _applied?.Add(_path.Span);
        int parent = Parent();
        switch (entry.Kind)
        {
            case TarEntryKind.File: MakeFile(parent, entry); break;
            case TarEntryKind.Directory: MakeDirectory(parent, entry); break;
            case TarEntryKind.SymbolicLink: MakeSymbolicLink(parent, entry); break;
            case TarEntryKind.HardLink: MakeHardLink(parent, entry); break;
            default: MakeNode(parent, entry); break;
        }
    }

    private void ApplyRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
            throw new TarFormatException(TarFault.Unsafe, $"The entry '{TarEntry.Show(entry.Name)}' would replace the layer's root.");
        int root = _directories.Root;
        if (LibC.fchown(root, entry.Uid, entry.Gid) < 0) throw Failed("chown");
        if (LibC.fchmod(root, entry.Mode & ~(LibC.S_ISUID | LibC.S_ISGID)) < 0) throw Failed("chmod");
        _path.Set("."u8);
        _slash = -1;
        _fixes.Add("."u8, entry);
        SetXattrs(root, entry);
    }

    private int Parent() => _directories.Open(_path, _slash, create: true);

    /// <summary>
    /// Puts away what stands at the path, for an entry that is to stand there: the later of two entries wins. Returns the parent,
    /// which may have been opened again.
    /// </summary>
    private int MakeRoom(int parent, out bool wasWhiteout)
    {
        wasWhiteout = false;
        LibC.statx_result status;
        if (LibC.statx(parent, Name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0) throw Failed("statx");
        uint type = status.Mode & LibC.S_IFMT;
        wasWhiteout = IsWhiteout(status);
        if (type == LibC.S_IFDIR)
        {
            TreeRemover.RemoveAt(parent, _path.Span[(_slash + 1)..]);
            _directoryReplaced = true;
        }
        else if (LibC.unlinkat(parent, Name, 0) < 0) throw Failed("unlink");
        if (type is not (LibC.S_IFDIR or LibC.S_IFLNK)) return parent;
        _directories.Clear();
        return Parent();
    }

    private static bool IsWhiteout(in LibC.statx_result status) =>
        (status.Mode & LibC.S_IFMT) == LibC.S_IFCHR && status is { DeviceMajorOfNode: 0, DeviceMinorOfNode: 0 };

    private LinuxException Failed(string call) => new($"{call}({TarEntry.Show(_path.Span)})", Marshal.GetLastPInvokeError());
}
