using System.Formats.Tar;
using DockerPS.Engine;
using DockerPS.Integration.Containers;
using Xunit;

namespace DockerPS.Integration.Volumes;

/// <summary>An engine with an image that has something in the place of a volume; all is removed at the end.</summary>
public sealed class VolumeFixture : IDisposable
{
    /// <summary>Has /data with files of another owner, and declares the volume /declared.</summary>
    public const string Image = "volumes:test";

    private readonly EngineFixture _containers = new();
    private readonly Lock _gate = new();
    private bool _made;

    internal ContainerEngine Engine
    {
        get
        {
            lock (_gate)
            {
                ContainerEngine engine = _containers.Engine;
                if (!_made) Make(engine);
                _made = true;
                return engine;
            }
        }
    }

    internal string Root => _containers.Root;

    internal string Data(string volume) => Path.Combine(Root, "volumes", volume, "_data");

    internal ContainerEngine Open() => _containers.Open();

    internal Task<(int ExitCode, string Out, string Error)> ShellAsync(string script, params ContainerMount[] mounts)
    {
        _ = Engine;
        return _containers.ShellAsync(script, new ContainerSpec { Image = Image, Mounts = mounts });
    }

    internal Task<(int ExitCode, string Out, string Error)> ShellAsync(string script, ContainerSpec spec)
    {
        _ = Engine;
        return _containers.ShellAsync(script, spec);
    }

    internal Task<Container> CreateAsync(string script, params ContainerMount[] mounts) => Engine.CreateContainerAsync(
        new ContainerSpec { Image = Image, Command = ["sh", "-c", script], Mounts = mounts }, CancellationToken.None);

    internal async Task<Container> StartAsync(string script, params ContainerMount[] mounts)
    {
        Container container = await CreateAsync(script, mounts);
        return await Engine.StartContainerAsync(container.Id, CancellationToken.None);
    }

    internal Task RemoveAsync(Container container, bool withVolumes = true) =>
        Engine.RemoveContainerAsync(container.Id, force: true, withVolumes, CancellationToken.None);

    /// <summary>Mounts of this machine that lie in the store.</summary>
    internal int MountsOnHost() => File.ReadLines("/proc/self/mountinfo").Count(l => l.Contains(Root, StringComparison.Ordinal));

    public void Dispose() => _containers.Dispose();

    private void Make(ContainerEngine engine)
    {
        string archive = Path.Combine(Root, "volumes.tar");
        WriteImage(archive, files: 400, size: 100);
        engine.ImportImagesAsync(
            new ImageImport { Path = archive, Name = Image, Changes = ["VOLUME /declared"] }, null, CancellationToken.None).GetAwaiter().GetResult();
        File.Delete(archive);
    }

    internal static void WriteImage(string path, int files, int size)
    {
        const UnixFileMode executable = (UnixFileMode)0x1ED; // 0755
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        void Directory(string name, UnixFileMode mode, int owner = 0) =>
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, name) { Mode = mode, Uid = owner, Gid = owner });
        foreach (string name in (string[])["bin", "etc", "tmp", "run"]) Directory(name, executable);
        using (FileStream busybox = File.OpenRead("/bin/busybox"))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = executable, DataStream = busybox });
        foreach (string applet in (string[])["sh", "ls", "cat", "sleep", "true", "id", "mkdir", "touch", "stat", "ln", "rm", "mv", "chown", "echo", "find", "wc", "df", "test", "readlink"])
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox" });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = new MemoryStream("root:x:0:0:root:/:/bin/sh\n"u8.ToArray()) });
        Directory("data", (UnixFileMode)0x1C8, 1000); // 0710
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "data/file", new Dictionary<string, string> { ["SCHILY.xattr.user.colour"] = "red" })
        {
            Mode = (UnixFileMode)0x1A0, Uid = 1001, Gid = 1002, DataStream = new MemoryStream("content"u8.ToArray()), // 0640
            ModificationTime = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero),
        });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "data/second") { LinkName = "data/file", Mode = (UnixFileMode)0x1A0, Uid = 1001, Gid = 1002, ModificationTime = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero) });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "data/link") { LinkName = "/etc/passwd" });
        Directory("data/many", executable);
        var bytes = new byte[size];
        for (int i = 0; i < files; i++)
        {
            Random.Shared.NextBytes(bytes);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"data/many/{i}") { DataStream = new MemoryStream(bytes) });
        }

        Directory("declared", executable);
        // Leads to a directory of the host that the image does not have.
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "outside") { LinkName = "/usr/share" });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "up") { LinkName = "../../../../../../usr/lib" });
    }
}
