using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>A path of a copy, looked up: the directory that holds it, open, and its name there.</summary>
internal sealed unsafe class CopyPath : IDisposable
{
    private const int MostLinks = 40;
    private int _parent;

    private CopyPath(int parent, byte[] name, LibC.statx_result? facts) => (_parent, Name, Facts) = (parent, name, facts);

    public int Parent => _parent;

    /// <summary><c>.</c> for the root and for paths that end in dots.</summary>
    public byte[] Name { get; }

    /// <summary>Null when nothing is there.</summary>
    public LibC.statx_result? Facts { get; }

    public bool Exists => Facts is not null;

    public bool IsDirectory => Facts is { } facts && (facts.Mode & LibC.S_IFMT) == LibC.S_IFDIR;

    /// <param name="root">Where to look.</param>
    /// <param name="path">From its root; slashes at the end are not looked at.</param>
    /// <param name="follow">Take what a symbolic link leads to, also when nothing is there.</param>
    /// <exception cref="LayerException">The directory above is not there.</exception>
    public static CopyPath Find(CopyRoot root, ReadOnlySpan<byte> path, bool follow)
    {
        byte[] wanted = path.ToArray();
        for (int links = 0; ; links++)
        {
            ReadOnlySpan<byte> trimmed = wanted.AsSpan().TrimEnd((byte)'/');
            int slash = trimmed.LastIndexOf((byte)'/');
            byte[] above = slash < 0 ? [(byte)'/'] : [.. trimmed[..(slash + 1)]], name = trimmed[(slash + 1)..].ToArray();
            if (name.Length == 0 || name.AsSpan().SequenceEqual("."u8) || name.AsSpan().SequenceEqual(".."u8)) (above, name) = ([.. trimmed, (byte)'/'], [(byte)'.']);
            int parent = root.Open(above, LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (parent < 0) throw Missing(root, parent, above);
            LibC.statx_result facts;
            int errno;
            fixed (byte* pointer = NativePath.Terminate(name))
                errno = LibC.statx(parent, pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &facts) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno is not (0 or Errno.ENOENT))
            {
                LibC.Close(ref parent);
                throw Missing(root, -errno, wanted);
            }

            if (errno != 0 || !follow || (facts.Mode & LibC.S_IFMT) != LibC.S_IFLNK) return new CopyPath(parent, name, errno == 0 ? facts : null);
            byte[] target = ReadLink(parent, name);
            LibC.Close(ref parent);
            if (links == MostLinks) throw Missing(root, -Errno.ELOOP, wanted);
            wanted = target.Length > 0 && target[0] == '/' ? target : [.. above, .. target];
        }
    }

    /// <summary>A wording that says which side it is.</summary>
    public static LayerException Missing(CopyRoot root, int error, ReadOnlySpan<byte> path)
    {
        string where = root.Name.Length > 0 ? $"'{TarEntry.Show(path)}' in container '{root.Name}'" : $"'{TarEntry.Show(path)}'";
        return LayerException.Of(
            RuntimeStages.Path,
            -error switch
            {
                Errno.ENOENT => $"There is no {where}. Check the path; Copy-ContainerItem makes no directories above a target.",
                Errno.ENOTDIR => $"{where} is no directory.",
                _ => $"{where} cannot be opened: {Errno.Text(-error)}.",
            },
            "open",
            -error);
    }

    public void Dispose() => LibC.Close(ref _parent);

    private static byte[] ReadLink(int parent, byte[] name)
    {
        byte[] buffer = new byte[4096];
        nint length;
        fixed (byte* pointer = NativePath.Terminate(name), target = buffer) length = LibC.readlinkat(parent, pointer, target, (nuint)buffer.Length);
        return length < 0 ? throw LibC.Failure("readlink") : buffer[..(int)length];
    }
}
