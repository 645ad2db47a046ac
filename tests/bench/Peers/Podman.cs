namespace DockerPS.Bench.Peers;

/// <summary>podman with a store of its own.</summary>
internal sealed class Podman : EnginePeer
{
    private readonly string _configuration;

    public Podman(Workshop workshop)
    {
        string program = Processes.Find("podman") ?? throw new InvalidOperationException("podman is not installed");
        string directory = Path.Combine(workshop.Directory, "podman");
        Directory.CreateDirectory(directory);
        _configuration = Path.Combine(directory, "containers.conf");
        // Without limits of its own podman asks for more than a root without CAP_SYS_RESOURCE may have.
        File.WriteAllText(_configuration, $"""
            [containers]
            default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
            [engine]
            cgroup_manager = "cgroupfs"
            runtime = "runc"
            events_logger = "none"
            [network]
            network_config_dir = "{directory}/n"
            """);
        Command = $"{program} --root {directory}/s --runroot {directory}/r --tmpdir {directory}/t";
        Shell = new PeerShell($"export {Variables}");
        try
        {
            Import(workshop.RootFileSystem.Archive, Workshop.Image);
            Run();
        }
        catch
        {
            Dispose();
            throw;
        }

        try
        {
            RunPublished();
        }
        catch (InvalidOperationException exception)
        {
            NoNetworks = exception.Message;
        }
    }

    public override string Name => "podman";
    protected override string Command { get; }
    protected override PeerShell Shell { get; }
    protected override string Variables => $"CONTAINERS_CONF={_configuration}";
    protected override string Prefix => "localhost/";
    protected override string AtOnce => "-f -t 0";
    public override double Pull(string image) => Shell.Time($"{Command} pull -q --tls-verify=false {image}");
    public override double Push(string image, string target) => Shell.Time($"{Command} push -q --tls-verify=false {image} {target}");

    public override void Dispose()
    {
        try
        {
            Shell.Time($"{Command} rm -fa -t 0");
        }
        catch (InvalidOperationException)
        {
            // It never worked, so there is nothing of it.
        }
        Shell.Dispose();
    }
}
