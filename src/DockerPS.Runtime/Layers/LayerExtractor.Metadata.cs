using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>Times and extended attributes.</summary>
internal sealed unsafe partial class LayerExtractor
{
    private static ReadOnlySpan<byte> DefaultAcl => "system.posix_acl_default"u8;
    private static ReadOnlySpan<byte> OverlayPrefix => "trusted.overlay."u8;

    private static void TakeTimes(TarEntry entry, LibC.timespec* times)
    {
        times[1] = new LibC.timespec { Seconds = entry.ModifiedSeconds, Nanoseconds = entry.ModifiedNanoseconds };
        times[0] = entry.HasAccessTime
            ? new LibC.timespec { Seconds = entry.AccessedSeconds, Nanoseconds = entry.AccessedNanoseconds }
            : times[1];
    }

    /// <summary>Sets the attributes of an open file.</summary>
    private void SetXattrs(int file, TarEntry entry)
    {
        for (int i = 0; i < entry.XattrCount; i++)
        {
            if (IsLeftOut(entry, i)) continue;
            fixed (byte* value = entry.XattrValue(i))
                if (LibC.fsetxattr(file, _scratch.Pointer, value, (nuint)entry.XattrValue(i).Length, 0) < 0) Refused(entry, i);
        }
    }

    /// <summary>
    /// Sets the attributes of a name without opening it, which devices and symbolic links do not allow. There is no call with a
    /// directory's descriptor in kernels before 6.13, so the working directory is changed to it; nothing else depends on that.
    /// </summary>
    private void SetXattrsOfName(int parent, TarEntry entry)
    {
        if (LibC.fchdir(parent) < 0) throw Failed("fchdir");
        for (int i = 0; i < entry.XattrCount; i++)
        {
            if (IsLeftOut(entry, i)) continue;
            fixed (byte* value = entry.XattrValue(i))
                if (LibC.lsetxattr(Name, _scratch.Pointer, value, (nuint)entry.XattrValue(i).Length, 0) < 0) Refused(entry, i);
        }
    }

    /// <summary>Takes an attribute's name into the scratch, or tells that it is not to be set now.</summary>
    private bool IsLeftOut(TarEntry entry, int index)
    {
        ReadOnlySpan<byte> name = entry.XattrName(index);
        // These steer the overlay file system itself: an archive that has them would redirect what other layers show.
        if (name.StartsWith(OverlayPrefix)) return true;
        if (name.SequenceEqual(DefaultAcl))
        {
            if (entry.Kind == TarEntryKind.Directory) _fixes.SetDefaultAcl(entry.XattrValue(index));
            return true;
        }
        _scratch.Set(name);
        return false;
    }

    private void Refused(TarEntry entry, int index)
    {
        int errno = Marshal.GetLastPInvokeError();
        string name = TarEntry.Show(entry.XattrName(index));
        // As Docker: a file system without this kind of attribute still holds the layer. A lost file capability breaks programs.
        if (errno is not (Errno.EOPNOTSUPP or Errno.EPERM) || name == "security.capability")
            throw new LinuxException($"setxattr({TarEntry.Show(_path.Span)}, {name})", errno);
        _warn($"The attribute {name} of '{TarEntry.Show(_path.Span)}' cannot be set: {Errno.Text(errno)}.");
    }

    private void FixDirectory(int index)
    {
        DirectoryFixes.Fix fix = _fixes[index];
        byte[]? acl = _fixes.DefaultAcl(index);
        _path.Set(fix.Path);
        LibC.timespec* times = stackalloc LibC.timespec[2];
        (times[0], times[1]) = (fix.Accessed, fix.Modified);
        if (!fix.HasSpecialMode && acl is null && !_directoryReplaced)
        {
            if (LibC.utimensat(_directories.Root, _path.Pointer, times, LibC.AT_SYMLINK_NOFOLLOW) == 0) return;
            if (Marshal.GetLastPInvokeError() != Errno.ENAMETOOLONG) throw Failed("utimens");
        }
        _slash = _path.Span.LastIndexOf((byte)'/');
        int parent = _directories.Open(_path, _slash, create: false);
        if (parent < 0) return;
        int directory = LibC.openat(parent, Name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
        if (directory < 0)
        {
            // A later entry put something else in its place.
            if (Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP) return;
            throw Failed("open");
        }
        try
        {
            if (fix.HasSpecialMode && LibC.fchmod(directory, fix.Mode) < 0) throw Failed("chmod");
            if (acl is not null) SetAcl(directory, acl);
            if (LibC.futimens(directory, times) < 0) throw Failed("utimens");
        }
        finally
        {
            _ = LibC.close(directory);
        }
    }

    private void SetAcl(int directory, byte[] acl)
    {
        _scratch.Set(DefaultAcl);
        fixed (byte* value = acl)
            if (LibC.fsetxattr(directory, _scratch.Pointer, value, (nuint)acl.Length, 0) < 0)
                _warn($"The default ACL of '{TarEntry.Show(_path.Span)}' cannot be set: {Errno.Text(Marshal.GetLastPInvokeError())}.");
    }
}
