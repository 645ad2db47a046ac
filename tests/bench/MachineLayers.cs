using System.Formats.Tar;

namespace DockerPS.Bench;

/// <summary>Six layers of this machine's own folders (libraries, programs, documentation, toolchains), about 2 GB in all: files as real images have them.</summary>
internal static class MachineLayers
{
    private const long LayerBytes = 345L << 20;

    private static readonly string[][] _folders =
    [
        ["lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64"],
        ["bin", "sbin", "libexec", "local"],
        ["share/doc", "share/man", "share/locale", "share/info", "share/icons", "share/vim", "share/fonts", "share/perl", "share/zoneinfo"],
        ["share/dotnet", "lib/dotnet"],
        ["lib/gcc", "include", "lib/llvm-14", "lib/git-core"],
        ["lib/python3", "lib/python3.11", "lib/jvm", "lib/node_modules", "lib/postgresql", "lib/go", "lib/google-cloud-sdk", "src"],
    ];

    public static int Count => _folders.Length;

    /// <summary>Writes one layer's tar. The same machine gives the same bytes.</summary>
    public static void Write(string path, int layer, CancellationToken cancellationToken) => Write(path, layer, null, cancellationToken);

    /// <summary>As <see cref="Write(string, int, CancellationToken)"/>, with a mark that makes it differ from others.</summary>
    public static void Write(string path, int layer, string? mark, CancellationToken cancellationToken)
    {
        long left = LayerBytes;
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        if (mark is not null) tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "mark") { DataStream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(mark)) });
        foreach (string folder in _folders[layer])
        {
            string root = Path.Combine("/usr", folder);
            if (!Directory.Exists(root) || new DirectoryInfo(root).LinkTarget is not null) continue;
            foreach (FileSystemInfo item in Walk(new DirectoryInfo(root)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Entry(item) is not { } entry) continue;
                using Stream? content = entry.EntryType == TarEntryType.RegularFile ? File.OpenRead(item.FullName) : null;
                if ((content?.Length ?? 0) > left) return;
                left -= content?.Length ?? 0;
                if (content is not null) entry.DataStream = content;
                tar.WriteEntry(entry);
            }
        }
    }

    private static PaxTarEntry? Entry(FileSystemInfo item)
    {
        TarEntryType? type = item.LinkTarget is not null ? TarEntryType.SymbolicLink
            : item is DirectoryInfo ? TarEntryType.Directory
            : (item.Attributes & FileAttributes.Device) == 0 ? TarEntryType.RegularFile
            : null;
        if (type is null) return null;
        var entry = new PaxTarEntry(type.Value, item.FullName.TrimStart('/')) { ModificationTime = item.LastWriteTimeUtc };
        if (type == TarEntryType.SymbolicLink) entry.LinkName = item.LinkTarget!;
        else entry.Mode = item.UnixFileMode;
        return entry;
    }

    /// <summary>A directory before what is in it, names in order.</summary>
    private static IEnumerable<FileSystemInfo> Walk(DirectoryInfo directory)
    {
        yield return directory;
        foreach (FileSystemInfo item in directory.EnumerateFileSystemInfos().OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            if (item is not DirectoryInfo { LinkTarget: null } inner) yield return item;
            else foreach (FileSystemInfo below in Walk(inner)) yield return below;
        }
    }
}
