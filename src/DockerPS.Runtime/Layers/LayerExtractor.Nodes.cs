using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>One method for each kind of entry.</summary>
internal sealed unsafe partial class LayerExtractor
{
    private void MakeFile(int parent, TarEntry entry)
    {
        // O_EXCL: an existing name, a symbolic link above all, is never written through.
        const int create = LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC;
        int file = LibC.openat(parent, Name, create, entry.Mode & PermissionBits);
        if (file < 0 && Marshal.GetLastPInvokeError() == Errno.EEXIST)
        {
            parent = MakeRoom(parent, out _);
            file = LibC.openat(parent, Name, create, entry.Mode & PermissionBits);
        }
        if (file < 0) throw Failed("open");
        FileFinish finish = Finish(entry);
        Size += entry.Size;
        bool direct = !entry.IsSparse && _direct.Takes(entry.Size);
        if (direct && entry.XattrCount == 0)
        {
            _direct.Write(file, _reader, entry.StoredSize, finish, _path.Span);
            return;
        }
        try
        {
            if (entry.IsSparse) WriteSparse(file, entry);
            else if (direct) WriteDirect(file, entry);
            else Write(file, entry.StoredSize);
            if (finish.SetOwner(file) is { } failed) throw Failed(failed);
            if (entry.XattrCount > 0) SetXattrs(file, entry);
            if (finish.SetTimes(file) is { } untimed) throw Failed(untimed);
        }
        finally
        {
            _ = LibC.close(file);
        }
    }

    private FileFinish Finish(TarEntry entry)
    {
        LibC.timespec* times = stackalloc LibC.timespec[2];
        TakeTimes(entry, times);
        return new FileFinish
        {
            Uid = entry.Uid,
            Gid = entry.Gid,
            Mode = entry.Mode,
            HasOwner = (entry.Uid | entry.Gid) != 0 || !_overlay,
            HasMode = (entry.Mode & SpecialBits) != 0 || !_overlay,
            Accessed = times[0],
            Modified = times[1],
        };
    }

    private void Write(int file, long length)
    {
        while (length > 0)
        {
            ReadOnlySpan<byte> bytes = _reader.PeekContent();
            if (bytes.Length > length) bytes = bytes[..(int)length];
            fixed (byte* start = bytes)
            {
                for (nint done = 0; done < bytes.Length;)
                {
                    nint count = bytes.Length - done;
                    long begun = count >= DirectContent.LeastNoted ? LibC.ThreadTime() : 0;
                    nint written = LibC.write(file, start + done, (nuint)count);
                    if (written >= DirectContent.LeastNoted) _direct.NotePaged(written, begun);
                    if (written >= 0) done += written;
                    else if (Marshal.GetLastPInvokeError() != Errno.EINTR) throw Failed("write");
                }
            }
            length -= bytes.Length;
            _reader.AdvanceContent(bytes.Length);
        }
    }

    private void WriteDirect(int file, TarEntry entry)
    {
        try
        {
            _direct.Write(file, _reader, entry.StoredSize, null, _path.Span);
        }
        finally
        {
            _direct.Drain();
        }
    }

    private void WriteSparse(int file, TarEntry entry)
    {
        foreach (SparsePart part in entry.SparseParts)
        {
            if (LibC.lseek(file, part.Offset, LibC.SEEK_SET) < 0) throw Failed("lseek");
            Write(file, part.Length);
        }
        if (LibC.ftruncate(file, entry.Size) < 0) throw Failed("ftruncate");
    }

    private void MakeDirectory(int parent, TarEntry entry)
    {
        // The sticky bit may be set at once; setuid and setgid follow at the end, since files would inherit them.
        uint mode = entry.Mode & (PermissionBits | LibC.S_ISVTX);
        bool existed = false;
        if (LibC.mkdirat(parent, Name, mode) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed("mkdir");
            LibC.statx_result status;
            if (LibC.statx(parent, Name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0) throw Failed("statx");
            existed = (status.Mode & LibC.S_IFMT) == LibC.S_IFDIR;
            if (!existed)
            {
                parent = MakeRoom(parent, out bool wasWhiteout);
                if (LibC.mkdirat(parent, Name, mode) < 0) throw Failed("mkdir");
                // Removed and made again in one layer: nothing of the layers below may show in it.
                if (wasWhiteout && _overlay) SetOpaque(parent);
            }
        }
        if (existed || (entry.Uid | entry.Gid) != 0 || !_overlay)
            if (LibC.fchownat(parent, Name, entry.Uid, entry.Gid, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("chown");
        if (existed || !_overlay)
            if (LibC.fchmodat(parent, Name, mode, 0) < 0) throw Failed("chmod");
        _fixes.Add(_path.Span, entry);
        if (entry.XattrCount > 0) SetXattrsOfName(parent, entry);
    }

    private void MakeSymbolicLink(int parent, TarEntry entry)
    {
        if (entry.LinkTarget.IsEmpty) throw new TarFormatException($"The symbolic link '{TarEntry.Show(entry.Name)}' leads nowhere.");
        _linkPath.Set(entry.LinkTarget);
        if (LibC.symlinkat(_linkPath.Pointer, parent, Name) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed("symlink");
            parent = MakeRoom(parent, out _);
            if (LibC.symlinkat(_linkPath.Pointer, parent, Name) < 0) throw Failed("symlink");
        }
        FinishNode(parent, entry, chmod: false);
    }

    /// <summary>
    /// A second name for a file unpacked before. What its header says of owner, mode, attributes and times becomes the file's, as in
    /// Docker and containerd.
    /// </summary>
    private void MakeHardLink(int parent, TarEntry entry)
    {
        _linkPath.SetLength(LayerPath.Clean(entry.LinkTarget, _linkPath.Reserve(entry.LinkTarget.Length)));
        if (_linkPath.Length == 0) throw new TarFormatException($"The hard link '{TarEntry.Show(entry.Name)}' leads to the root.");
        if (_linkPath.Span.SequenceEqual(_path.Span)) return;
        // Its owner and times are the last entry's.
        _direct.Drain();
        int slash = _linkPath.Span.LastIndexOf((byte)'/');
        for (int attempt = 0; ; attempt++)
        {
            // The second call may close what the first one returned only when more than the cache's slots lie between.
            int source = _directories.Open(_linkPath, slash, create: false);
            parent = Parent();
            if (source < 0) throw NoTarget(entry);
            if (LibC.linkat(source, _linkPath.Pointer + slash + 1, parent, Name, 0) == 0)
            {
                FinishLink(parent, entry);
                return;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOENT) throw NoTarget(entry);
            if (errno == Errno.EPERM)
                throw new TarFormatException($"The hard link '{TarEntry.Show(entry.Name)}' leads to a directory.");
            if (errno != Errno.EEXIST || attempt > 0) throw new LinuxException($"link({TarEntry.Show(_path.Span)})", errno);
            MakeRoom(parent, out _);
        }
    }

    private void FinishLink(int parent, TarEntry entry)
    {
        const uint modeBits = PermissionBits | SpecialBits;
        LibC.statx_result status;
        if (LibC.statx(parent, Name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0) throw Failed("statx");
        // Only where it differs: a chown to the owner that it has would take the file's capabilities from it all the same.
        bool chown = status.User != entry.Uid || status.Group != entry.Gid;
        if (chown && LibC.fchownat(parent, Name, entry.Uid, entry.Gid, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("chown");
        if ((status.Mode & LibC.S_IFMT) != LibC.S_IFLNK && (chown || (status.Mode & modeBits) != (entry.Mode & modeBits)))
            if (LibC.fchmodat(parent, Name, entry.Mode & modeBits, 0) < 0) throw Failed("chmod");
        FinishAttributes(parent, entry);
    }

    private void MakeNode(int parent, TarEntry entry)
    {
        uint type = entry.Kind switch
        {
            TarEntryKind.CharacterDevice => LibC.S_IFCHR,
            TarEntryKind.BlockDevice => LibC.S_IFBLK,
            _ => LibC.S_IFIFO,
        };
        ulong device = type == LibC.S_IFIFO ? 0 : LibC.MakeDevice(entry.DeviceMajor, entry.DeviceMinor);
        if (LibC.mknodat(parent, Name, type | (entry.Mode & PermissionBits), device) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EEXIST) throw Failed("mknod");
            parent = MakeRoom(parent, out _);
            if (LibC.mknodat(parent, Name, type | (entry.Mode & PermissionBits), device) < 0) throw Failed("mknod");
        }
        FinishNode(parent, entry, chmod: true);
    }

    private void FinishNode(int parent, TarEntry entry, bool chmod)
    {
        if ((entry.Uid | entry.Gid) != 0 || !_overlay)
            if (LibC.fchownat(parent, Name, entry.Uid, entry.Gid, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("chown");
        if (chmod && ((entry.Mode & SpecialBits) != 0 || !_overlay))
            if (LibC.fchmodat(parent, Name, entry.Mode, 0) < 0) throw Failed("chmod");
        FinishAttributes(parent, entry);
    }

    private void FinishAttributes(int parent, TarEntry entry)
    {
        if (entry.XattrCount > 0) SetXattrsOfName(parent, entry);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        TakeTimes(entry, times);
        if (LibC.utimensat(parent, Name, times, LibC.AT_SYMLINK_NOFOLLOW) < 0) throw Failed("utimens");
    }

    private static LayerException NoTarget(TarEntry entry) => LayerException.Of(RuntimeStages.Archive,
        $"The hard link '{TarEntry.Show(entry.Name)}' leads to '{TarEntry.Show(entry.LinkTarget)}', which is not in the layer.");
}
