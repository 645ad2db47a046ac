using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// Open directories of a root that the process has changed into, by path. Symbolic links on the way are followed, as Docker does:
/// images have lib → usr/lib and put files into lib. The changed root holds them inside, absolute ones too.
/// </summary>
internal sealed unsafe class DirectoryCache : IDisposable
{
    private const int Slots = 8, MaxLinks = 40;
    private const uint ImpliedMode = 0x1ED; // 0755

    private readonly Slot[] _slots = new Slot[Slots];
    private readonly NativePath _component = new();
    private readonly byte[] _link = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int _last;
    private long _clock;

    private struct Slot
    {
        public byte[]? Path;
        public int Length;
        public int Descriptor;
        public long Used;
    }

    public DirectoryCache(int root) => Root = root;

    public int Root { get; }

    /// <summary>Called for a file that stands where a directory is needed; true when it was put away.</summary>
    public Func<int, NativePath, bool>? Obstacle { get; set; }

    /// <summary>
    /// Opens the directory in which a path's last component lies. <paramref name="slash"/> is the position of the last slash,
    /// -1 when there is none. Directories that are missing are made with mode 0755 when <paramref name="create"/> is set.
    /// </summary>
    /// <returns>A descriptor that stays the cache's, valid until the next call; -1 when it is missing and not made.</returns>
    public int Open(NativePath path, int slash, bool create)
    {
        if (slash < 0) return Root;
        ReadOnlySpan<byte> wanted = path.Span[..slash];
        if (Matches(ref _slots[_last], wanted)) return _slots[_last].Descriptor;
        for (int i = 0; i < Slots; i++)
        {
            if (!Matches(ref _slots[i], wanted)) continue;
            _last = i;
            _slots[i].Used = ++_clock;
            return _slots[i].Descriptor;
        }
        path.Cut(slash);
        int descriptor = LibC.openat(Root, path.Pointer, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        path.Join(slash);
        if (descriptor < 0)
        {
            descriptor = Walk(wanted, create);
            if (descriptor < 0) return -1;
        }
        Keep(wanted, descriptor);
        return descriptor;
    }

    /// <summary>Forgets all: a directory or symbolic link was replaced, and paths may lead elsewhere now.</summary>
    public void Clear()
    {
        for (int i = 0; i < Slots; i++)
        {
            if (_slots[i].Length > 0) _ = LibC.close(_slots[i].Descriptor);
            _slots[i].Length = 0;
        }
    }

    public void Dispose() => Clear();

    private static bool Matches(ref Slot slot, ReadOnlySpan<byte> path) =>
        slot.Length == path.Length && slot.Path.AsSpan(0, slot.Length).SequenceEqual(path);

    private void Keep(ReadOnlySpan<byte> path, int descriptor)
    {
        int oldest = 0;
        for (int i = 0; i < Slots; i++)
        {
            if (_slots[i].Length == 0) { oldest = i; break; }
            if (_slots[i].Used < _slots[oldest].Used) oldest = i;
        }
        ref Slot slot = ref _slots[oldest];
        if (slot.Length > 0) _ = LibC.close(slot.Descriptor);
        if (slot.Path is null || slot.Path.Length < path.Length) slot.Path = new byte[path.Length + 64];
        path.CopyTo(slot.Path);
        slot = slot with { Length = path.Length, Descriptor = descriptor, Used = ++_clock };
        _last = oldest;
    }

    /// <summary>
    /// Goes component by component: for what is missing, for links that lead to what is missing, and for paths that are longer
    /// than the kernel takes at once.
    /// </summary>
    private int Walk(ReadOnlySpan<byte> path, bool create)
    {
        byte[] rest = path.ToArray();
        int current = OpenRoot();
        if (current < 0) throw Failed("open", path);
        int links = 0;
        try
        {
            while (rest.Length > 0)
            {
                int end = Array.IndexOf(rest, (byte)'/');
                _component.Set(end < 0 ? rest : rest.AsSpan(0, end));
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (_component.Length == 0 || _component.Span.SequenceEqual("."u8)) continue;
                int next = Enter(current, create);
                if (next == -1) return -1;
                if (next >= 0)
                {
                    _ = LibC.close(current);
                    current = next;
                    continue;
                }
                if (++links > MaxLinks) throw new LinuxException($"open({TarEntry.Show(path)})", Errno.ELOOP);
                nint length = LibC.readlinkat(current, _component.Pointer, Pointer(_link), (nuint)_link.Length);
                if (length < 0) throw Failed("readlink", path);
                ReadOnlySpan<byte> target = _link.AsSpan(0, (int)length);
                if (target.StartsWith("/"u8))
                {
                    _ = LibC.close(current);
                    current = OpenRoot();
                    if (current < 0) throw Failed("open", path);
                }
                rest = [.. target, (byte)'/', .. rest];
            }
            int found = current;
            current = -1;
            return found;
        }
        finally
        {
            if (current >= 0) _ = LibC.close(current);
        }
    }

    /// <summary>A descriptor, -1 when missing, -2 when it is a symbolic link.</summary>
    private int Enter(int directory, bool create)
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC | LibC.O_NOFOLLOW;
            int descriptor = LibC.openat(directory, _component.Pointer, flags, 0);
            if (descriptor >= 0) return descriptor;
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOENT)
            {
                if (!create) return -1;
                if (LibC.mkdirat(directory, _component.Pointer, ImpliedMode) < 0) throw Failed("mkdir", _component.Span);
                continue;
            }
            if (errno is not (Errno.ENOTDIR or Errno.ELOOP)) throw Failed("open", _component.Span);
            LibC.statx_result status;
            if (LibC.statx(directory, _component.Pointer, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0)
                throw Failed("statx", _component.Span);
            if ((status.Mode & LibC.S_IFMT) == LibC.S_IFLNK) return -2;
            if (create && Obstacle is not null && Obstacle(directory, _component)) continue;
            throw new LinuxException($"'{TarEntry.Show(_component.Span)}' stands where a directory is needed: open", Errno.ENOTDIR);
        }
        throw new LinuxException($"open({TarEntry.Show(_component.Span)})", Errno.EBUSY);
    }

    private int OpenRoot()
    {
        fixed (byte* here = "."u8) return LibC.openat(Root, here, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
    }

    private static byte* Pointer(byte[] pinned) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);

    private static LinuxException Failed(string call, ReadOnlySpan<byte> path) =>
        new($"{call}({TarEntry.Show(path)})", Marshal.GetLastPInvokeError());
}
