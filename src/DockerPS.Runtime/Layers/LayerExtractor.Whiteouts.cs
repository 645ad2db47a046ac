using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Whiteouts: they speak of the layers below only, never of what the same layer brings, whichever comes first in the archive.
/// Overlay knows them as character device 0/0 and as trusted.overlay.opaque: https://docs.kernel.org/filesystems/overlayfs.html
/// </summary>
internal sealed unsafe partial class LayerExtractor
{
    private const uint DirectoryMode = 0x1ED; // 0755

    /// <summary>The path is <c>…/.wh.NAME</c>; makes it <c>…/NAME</c> and hides that.</summary>
    private void Remove(int hiddenLength)
    {
        int parent = Parent();
        Span<byte> path = _path.Reserve(_path.Length);
        path[(_slash + 1 + Whiteout.Prefix.Length)..].CopyTo(path[(_slash + 1)..]);
        _path.SetLength(_slash + 1 + hiddenLength);
        if (_applied is not null)
        {
            if (!_applied.Contains(_path.Span)) RemoveExisting(parent, _path.Span[(_slash + 1)..]);
            else EmptyOfOthers(_path.Span.ToArray());
            return;
        }
        if (LibC.mknodat(parent, Name, LibC.S_IFCHR, 0) == 0) return;
        if (Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed("mknod");
        LibC.statx_result status;
        if (LibC.statx(parent, Name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0) throw Failed("statx");
        // The layer has it itself: a file hides the one below anyway, a directory must not be merged with it.
        if ((status.Mode & LibC.S_IFMT) == LibC.S_IFDIR) SetOpaque(parent);
    }

    private void MakeOpaque()
    {
        int directory = Parent();
        if (_applied is not null)
        {
            EmptyOfOthers(_path.Span[..Math.Max(0, _slash)].ToArray());
            return;
        }
        SetOpaque(directory, isDirectory: true);
    }

    private void SetOpaque(int parent, bool isDirectory = false)
    {
        int directory = parent;
        if (!isDirectory)
        {
            directory = LibC.openat(parent, Name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            if (directory < 0) throw Failed("open");
        }
        byte yes = (byte)'y';
        int set;
        fixed (byte* name = "trusted.overlay.opaque"u8) set = LibC.fsetxattr(directory, name, &yes, 1, 0);
        LinuxException? failed = set < 0 ? Failed("setxattr") : null;
        if (!isDirectory) _ = LibC.close(directory);
        if (failed is not null) throw failed;
    }

    /// <summary>A whiteout stands where an entry needs a directory: the layer removes it and makes it anew.</summary>
    private bool ReplaceWhiteoutByDirectory(int parent, NativePath name)
    {
        LibC.statx_result status;
        if (LibC.statx(parent, name.Pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0 || !IsWhiteout(status)) return false;
        if (LibC.unlinkat(parent, name.Pointer, 0) < 0 || LibC.mkdirat(parent, name.Pointer, DirectoryMode) < 0) throw Failed("mkdir");
        int directory = LibC.openat(parent, name.Pointer, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
        if (directory < 0) throw Failed("open");
        try
        {
            if (_overlay) SetOpaque(directory, isDirectory: true);
        }
        finally
        {
            _ = LibC.close(directory);
        }
        return true;
    }

    /// <summary>Removes what was in the target before this layer.</summary>
    private void RemoveExisting(int parent, ReadOnlySpan<byte> name)
    {
        TreeRemover.RemoveAt(parent, name);
        _directoryReplaced = true;
        _directories.Clear();
    }

    /// <summary>Removes everything below a directory that this layer did not bring.</summary>
    private void EmptyOfOthers(byte[] path)
    {
        _directories.Clear();
        _directoryReplaced = true;
        _linkPath.Set([.. path, (byte)'/', (byte)'.']);
        int slash = path.Length == 0 ? -1 : path.Length;
        int directory = _directories.Open(_linkPath, slash, create: false);
        if (directory < 0) return;
        foreach (byte[] name in DirectoryListing.Names(directory))
        {
            byte[] child = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
            if (!_applied!.Contains(child)) TreeRemover.RemoveAt(directory, name);
            else if (DirectoryListing.IsDirectory(directory, name))
            {
                EmptyOfOthers(child);
                // The cache was cleared on the way down.
                _linkPath.Set([.. path, (byte)'/', (byte)'.']);
                directory = _directories.Open(_linkPath, slash, create: false);
                if (directory < 0) return;
            }
        }
    }
}
