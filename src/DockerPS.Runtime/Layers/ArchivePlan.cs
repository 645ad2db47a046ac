using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>All entries of an archive in the order of their names as bytes, parents made up where none was asked for.</summary>
internal sealed unsafe class ArchivePlan
{
    private readonly Dictionary<string, ArchiveItem> _items = new(StringComparer.Ordinal);
    private readonly Action _turn;

    private ArchivePlan(Action turn) => _turn = turn;

    /// <summary>Looks at all sources. <paramref name="turn"/> is called now and then and may throw to end it.</summary>
    public static List<ArchiveItem> Make(List<ArchiveEntry> entries, Action turn)
    {
        var plan = new ArchivePlan(turn);
        foreach (ArchiveEntry entry in entries) plan.Add(entry);
        plan.AddParents();
        var items = new List<ArchiveItem>(plan._items.Values);
        items.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return items;
    }

    private void Add(ArchiveEntry entry)
    {
        byte[] raw = Encoding.UTF8.GetBytes(entry.Name), cleaned = new byte[raw.Length];
        byte[] name = cleaned[..LayerPath.Clean(raw, cleaned)];
        if (entry.Source is null)
        {
            if (name.Length == 0) throw LayerException.Of(RuntimeStages.Config, "An entry of the archive has no name.");
            Put(ArchiveItem.MadeUp(name, entry));
            return;
        }
        byte[] source = NativePath.Terminate(Encoding.UTF8.GetBytes(entry.Source));
        LibC.statx_result status = Stat(source, entry.Follow);
        if ((status.Mode & LibC.S_IFMT) == LibC.S_IFDIR && entry.Recursive) AddTree(name, source, status, entry);
        else if (name.Length == 0) throw LayerException.Of(RuntimeStages.Config, "An entry of the archive has no name.");
        else AddSource(name, source, status, entry, top: true);
    }

    /// <summary>Goes down without recursion, since trees may be deeper than a stack.</summary>
    private void AddTree(byte[] name, byte[] source, in LibC.statx_result status, ArchiveEntry entry)
    {
        if (name.Length > 0) AddSource(name, source, status, entry, top: true);
        var open = new Stack<(byte[] Name, byte[] Source, bool Follow)>();
        open.Push((name, source, entry.Follow));
        while (open.TryPop(out (byte[] Name, byte[] Source, bool Follow) next))
        {
            _turn();
            int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC | (next.Follow ? 0 : LibC.O_NOFOLLOW);
            int directory;
            fixed (byte* path = next.Source) directory = LibC.openat(LibC.AT_FDCWD, path, flags, 0);
            if (directory < 0) throw Unreadable("open", next.Source);
            try
            {
                foreach (byte[] child in DirectoryListing.Names(directory))
                {
                    byte[] childName = next.Name.Length == 0 ? child : [.. next.Name, (byte)'/', .. child];
                    byte[] childSource = [.. next.Source.AsSpan(0, next.Source.Length - 1), (byte)'/', .. child, 0];
                    LibC.statx_result found = Stat(childSource, follow: false);
                    AddSource(childName, childSource, found, entry, top: false);
                    if ((found.Mode & LibC.S_IFMT) == LibC.S_IFDIR) open.Push((childName, childSource, false));
                }
            }
            finally
            {
                _ = LibC.close(directory);
            }
        }
    }

    private void AddSource(byte[] name, byte[] source, in LibC.statx_result status, ArchiveEntry entry, bool top)
    {
        if ((status.Mode & LibC.S_IFMT) == LibC.S_IFSOCK) return;
        ArchiveItem item = ArchiveItem.Of(name, source, status, entry, top);
        if (item.Type == LibC.S_IFLNK) item.LinkTarget = ReadLink(source);
        Put(item);
    }

    /// <summary>Of two entries with one name the later counts.</summary>
    private void Put(ArchiveItem item) => _items[Encoding.Latin1.GetString(item.Name)] = item;

    private void AddParents()
    {
        var names = new List<ArchiveItem>(_items.Values);
        foreach (ArchiveItem item in names)
        {
            ReadOnlySpan<byte> parent = LayerPath.Directory(item.Name);
            while (!parent.IsEmpty && !_items.ContainsKey(Encoding.Latin1.GetString(parent)))
            {
                Put(ArchiveItem.MadeUp(parent.ToArray(), new ArchiveEntry { Name = "" }));
                parent = LayerPath.Directory(parent);
            }
        }
    }

    private static LibC.statx_result Stat(byte[] source, bool follow)
    {
        LibC.statx_result status;
        fixed (byte* path = source)
            if (LibC.statx(LibC.AT_FDCWD, path, follow ? 0 : LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &status) < 0)
                throw Unreadable("statx", source);
        return status;
    }

    private static byte[] ReadLink(byte[] source)
    {
        byte[] target = new byte[4096];
        nint length;
        fixed (byte* path = source, buffer = target) length = LibC.readlinkat(LibC.AT_FDCWD, path, buffer, (nuint)target.Length);
        return length >= 0 ? target[..(int)length] : throw Unreadable("readlink", source);
    }

    internal static LayerException Unreadable(string call, byte[] source)
    {
        int errno = Marshal.GetLastPInvokeError();
        string path = TarEntry.Show(source.AsSpan().TrimEnd((byte)0));
        return LayerException.Of(RuntimeStages.Archive, $"'{path}' cannot be put into the archive: {Errno.Text(errno)}.", $"{call}({path})", errno);
    }
}
