using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// The directory that a layer is unpacked into. The directory above stays open, so that the target can be removed by name even
/// when the process has it for its root.
/// </summary>
internal sealed unsafe class LayerTarget : IDisposable
{
    private const uint DirectoryMode = 0x1ED; // 0755
    private readonly int _parent;
    private readonly byte[] _name;
    private bool _ours;

    /// <summary>Makes the directory with mode 0755; one that exists is taken only with <paramref name="mayExist"/>.</summary>
    public LayerTarget(string path, bool mayExist)
    {
        string full = Path.GetFullPath(path);
        if (full == "/") throw LayerException.Of(RuntimeStages.Config, "A layer cannot be unpacked into '/'.");
        _name = NativePath.Terminate(Encoding.UTF8.GetBytes(Path.GetFileName(full)));
        fixed (byte* above = NativePath.Terminate(Encoding.UTF8.GetBytes(Path.GetDirectoryName(full)!)))
            _parent = LibC.openat(LibC.AT_FDCWD, above, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (_parent < 0) throw Failed("open", Path.GetDirectoryName(full)!);
        fixed (byte* name = _name)
        {
            bool made = LibC.mkdirat(_parent, name, DirectoryMode) == 0;
            if (!made && (!mayExist || Marshal.GetLastPInvokeError() != Errno.EEXIST)) throw Failed("mkdir", full);
            Root = LibC.openat(_parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            if (Root < 0) throw Failed("open", full);
            _ours = true;
            // A directory above with setgid or an ACL would have given it more than 0755.
            if (!made || (LibC.fchown(Root, 0, 0) == 0 && LibC.fchmod(Root, DirectoryMode) == 0)) return;
            LinuxException failed = Failed("chmod", full);
            Remove();
            throw failed;
        }
    }

    public int Root { get; }

    /// <summary>Makes it the root and working directory of the whole process: from here on no path leads out of it.</summary>
    public void Enter()
    {
        fixed (byte* here = "."u8)
            if (LibC.fchdir(Root) < 0 || LibC.chroot(here) < 0)
                throw LayerException.Of(RuntimeStages.Write, "The layer's directory cannot be made the root; this needs CAP_SYS_CHROOT.",
                    "chroot", Marshal.GetLastPInvokeError());
    }

    /// <summary>Removes the directory with all in it.</summary>
    public void Remove()
    {
        if (!_ours) return;
        TreeRemover.RemoveAt(_parent, _name.AsSpan(0, _name.Length - 1));
        _ours = false;
    }

    public void Dispose()
    {
        _ = LibC.close(Root);
        _ = LibC.close(_parent);
    }

    private static LinuxException Failed(string call, string path) => new($"{call}({path})", Marshal.GetLastPInvokeError());
}
