using System.Reflection;
using DockerPS.Bench.Peers;

namespace DockerPS.Bench;

/// <summary>What the scenarios share: a temporary store, one root file system for all, the session and the peers.</summary>
internal sealed class Workshop : IDisposable
{
    public const string Image = "bench:1";

    private readonly Lazy<ModuleSession> _session;
    private readonly Dictionary<string, string> _absent = [];
    private readonly Lazy<MachineImages> _images;
    private List<Peer>? _peers;

    public Workshop()
    {
        // Short, since sockets live below it and their paths are limited.
        Directory = System.IO.Directory.CreateTempSubdirectory("dpsb-").FullName;
        Environment.SetEnvironmentVariable("DOCKERPS_ROOT", Path.Combine(Directory, "store"));
        RootFileSystem = new RootFileSystem(Path.Combine(Directory, "rootfs"));
        _images = new Lazy<MachineImages>(() => new MachineImages(Path.Combine(Directory, "images")));
        _session = new Lazy<ModuleSession>(OpenSession);
    }

    public static string RepositoryRoot => Metadata("RepositoryRoot");
    public static string Shell => Metadata("Shell");
    public static string Manifest => Path.Combine(RepositoryRoot, "module", "DockerPS", "DockerPS.psd1");

    public static string Runtime => Path.Combine(RepositoryRoot, "module", "DockerPS", "bin", "dockerps-runtime");

    public string Directory { get; }
    public RootFileSystem RootFileSystem { get; }
    public MachineImages Images => _images.Value;
    public ModuleSession Session => _session.Value;

    /// <summary>The peers that are installed and start; the report tells why the others are missing.</summary>
    public IReadOnlyList<Peer> Peers(Report report, string title)
    {
        _peers ??= StartPeers();
        foreach ((string name, string reason) in _absent)
            report.Absent(title, name, reason);
        return _peers;
    }

    /// <summary>The engines among them that have networks; the report tells why the others have none.</summary>
    public IReadOnlyList<EnginePeer> NetworkPeers(Report report, string title)
    {
        EnginePeer[] engines = [.. Peers(report, title).OfType<EnginePeer>()];
        foreach (EnginePeer engine in engines)
            if (engine.NoNetworks is { } reason) report.Absent(title, engine.Name, reason);
        return [.. engines.Where(e => e.NoNetworks is null)];
    }

    private List<Peer> StartPeers()
    {
        List<Peer> started = [];
        foreach ((string name, Func<Peer> start) in new (string, Func<Peer>)[]
        {
            ("crun", () => Oci("crun")), ("runc", () => Oci("runc")),
            ("podman", () => new Podman(this)), ("docker", () => Docker.Start(this)),
        })
            try
            {
                started.Add(start());
            }
            catch (Exception exception)
            {
                _absent[name] = exception.Message;
            }
        return started;
    }

    private OciRuntime Oci(string name) => new(name, Processes.Find(name), this);

    private ModuleSession OpenSession()
    {
        var session = new ModuleSession();
        session.Invoke($"Import-ContainerImage -Path '{RootFileSystem.Archive}' -Name {Image}");
        return session;
    }

    private static string Metadata(string key) => typeof(Workshop).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    public void Dispose()
    {
        if (_session.IsValueCreated)
        {
            _session.Value.Invoke("Get-Container -All | Remove-Container -Force");
            _session.Value.Dispose();
        }
        if (_images.IsValueCreated) _images.Value.Dispose();
        _peers?.ForEach(p => p.Dispose());
        Mounts.RemoveBelow(Directory);
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
