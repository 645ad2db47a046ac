using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Engine.Networks;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>Writes what a start needs into the container's directory. The caller holds the container's lock.</summary>
internal static class BundleWriter
{
    private const string LocalHosts = """
        127.0.0.1	localhost
        ::1	localhost ip6-localhost ip6-loopback
        fe00::	ip6-localnet
        ff00::	ip6-mcastprefix
        ff02::1	ip6-allnodes
        ff02::2	ip6-allrouters

        """;

    /// <summary>Of DNS.</summary>
    private const int NamePort = 53;

    public static void Write(BundlePlan plan, Action<string> warn)
    {
        ContainerDirectory directory = plan.Directory;
        directory.Create();
        MakeSources(plan.Spec);
        if (!plan.Joined.ContainsKey("network")) WriteNetworkFiles(plan);
        RuntimeConfig config = RuntimeConfigBuilder.Build(plan, warn);
        WriteJson(directory.Config, config, RuntimeConfigJson.Default.RuntimeConfig);
        SuperviseConfig supervise = Supervise(plan);
        supervise.Sources = Sources(plan, config.Mounts ?? []);
        WriteJson(directory.Supervise, supervise, BundleJson.Default.SuperviseConfig);
        // What the last run left must not be taken for this one's.
        File.Delete(directory.State);
    }

    /// <summary>The networks of a running container are others now, which a cleanup after a killed supervisor has to know.</summary>
    /// <returns>Name servers for the container's own, when these are its first networks and so it has none yet; else null.</returns>
    public static List<string>? Rewrite(ContainerDirectory directory, List<SuperviseNetwork> networks, ContainerSpec spec)
    {
        SuperviseConfig supervise = BundleFiles.ReadSuperviseConfig(File.ReadAllBytes(directory.Supervise));
        supervise.Networks = networks;
        bool first = supervise.NameServers is null && networks.Count > 0;
        if (first)
        {
            ResolvConf names = ResolvConf.OfHost().With(spec);
            supervise.NameServers = [.. names.Servers];
            File.WriteAllText(directory.ResolvConf, names.ForOwnServer());
        }

        WriteJson(directory.Supervise, supervise, BundleJson.Default.SuperviseConfig);
        return first ? supervise.NameServers : null;
    }

    public static SuperviseConfig Supervise(BundlePlan plan)
    {
        ContainerSpec spec = plan.Spec;
        ContainerDirectory directory = plan.Directory;
        return new SuperviseConfig
        {
            Id = plan.Id,
            Name = plan.Name,
            LowerDirectories = [.. plan.Layers],
            UpperDirectory = directory.Upper,
            WorkDirectory = directory.Work,
            Volatile = spec.AutoRemove,
            LogPath = directory.Log,
            RunDirectory = directory.RunDirectory,
            User = spec.User,
            GroupAdd = [.. spec.GroupAdd],
            Devices = [.. spec.Devices.Select(d => new SuperviseDevice { Source = d.Source, Target = d.Target, Permissions = d.Permissions })],
            AllDevices = spec.Privileged,
            OpenStdin = spec.Interactive || plan.FeedsInput,
            Attached = plan.Attached,
            Init = spec.Init,
            StopSignal = spec.StopSignal is { } signal ? Signals.Parse(signal) : Signals.Terminate,
            StopTimeout = Milliseconds(spec.StopTimeout) ?? 10_000,
            AutoRemove = spec.AutoRemove,
            Runtime = OciRuntimes.Find(spec.Runtime),
            Networks = [.. plan.Networks],
            Ports = [.. spec.Ports.Select(Port)],
            NameServers = plan.Networks.Count > 0 ? [.. plan.Names.Servers] : null,
            ServesNames = spec.Ports.Concat(spec.ExposedPorts.SelectMany(ContainerPort.Parse)).Any(port => port.Port == NamePort),
            SeccompCache = Path.Join(plan.Options.Root, "seccomp"),
        };
    }

    /// <summary>A port as the supervisor takes it.</summary>
    public static SupervisePort Port(ContainerPort port) =>
        new() { HostAddress = port.HostAddress, HostPort = port.HostPort, HostPortEnd = port.HostPortEnd, Port = port.Port, Udp = port.Protocol == ContainerPortProtocol.Udp };

    /// <summary>What the supervisor does for mounts, each with its place in config.json.</summary>
    private static List<SuperviseSource> Sources(BundlePlan plan, List<RuntimeMount> mounts)
    {
        List<SuperviseSource> sources = [];
        for (int i = 0; i < plan.Sources.Count; i++)
        {
            if (plan.Sources[i] is not { Supervised: { } source }) continue;
            string target = MountPlan.Clean(plan.Spec.Mounts[i].Target);
            source.Mount = mounts.FindIndex(m => m.Destination == target);
            sources.Add(source);
        }

        return sources;
    }

    /// <summary>A grace period as the supervisor counts it; -1 waits for ever.</summary>
    public static int? Milliseconds(TimeSpan? grace) => grace switch
    {
        null => null,
        { } g when g < TimeSpan.Zero => -1,
        { } g => (int)Math.Min(g.TotalMilliseconds, int.MaxValue),
    };

    private static void MakeSources(ContainerSpec spec)
    {
        foreach (ContainerMount mount in spec.Mounts)
        {
            if (mount is not { Type: ContainerMountType.Bind, CreateSource: true } || Path.Exists(mount.Source)) continue;
            try
            {
                Directory.CreateDirectory(mount.Source);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DockerEnvironmentException(
                    "MountSourceFailed",
                    $"'{mount.Source}', which is to be mounted on '{mount.Target}', is not there and cannot be made: {e.Message} Make it yourself, or mount another directory.",
                    mount.Source, e);
            }
        }
    }

    private static void WriteNetworkFiles(BundlePlan plan)
    {
        ContainerDirectory directory = plan.Directory;
        // Files that a container bind-mounts are written in place: a rename would leave it with the old one. Nobody else reads them now.
        File.WriteAllText(directory.ResolvConf, plan.Networks.Count > 0 ? plan.Names.ForOwnServer() : plan.Names.ToString());
        string own = plan.HostNetwork ? Encoding.UTF8.GetString(HostFile("/etc/hosts")) : LocalHosts + OwnAddresses(plan);
        File.WriteAllText(directory.Hosts, own + HostsFile.Write(plan.Spec.ExtraHosts, plan.HostNetwork ? "127.0.0.1" : Gateway(plan)));
        File.WriteAllText(directory.Hostname, plan.Hostname + "\n");
    }

    /// <summary>This machine's address on the container's first bridge.</summary>
    private static string? Gateway(BundlePlan plan) =>
        plan.Networks.SelectMany(network => network.LinkAddresses).FirstOrDefault() is { } address ? address[..address.IndexOf('/', StringComparison.Ordinal)] : null;

    /// <summary>Programs look up their own host's name.</summary>
    private static string OwnAddresses(BundlePlan plan) => string.Concat(
        plan.Networks.SelectMany(network => network.Addresses).Select(address => $"{address[..address.IndexOf('/', StringComparison.Ordinal)]}\t{plan.Hostname}\n"));

    private static byte[] HostFile(string path) => File.Exists(path) ? File.ReadAllBytes(path) : [];

    private static void WriteJson<T>(string path, T value, JsonTypeInfo<T> type)
    {
        string beside = path + ".new";
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(value, type));
        File.Move(beside, path, overwrite: true);
    }
}
