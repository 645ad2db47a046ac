using System.Collections;
using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;
using DockerPS.Module.Hosting;

namespace DockerPS.Module.Commands;

public abstract partial class ContainerSpecCommand
{
    /// <summary>The parameters as the engine takes them; what makes no sense becomes this item's error and false.</summary>
    private protected bool TryMakeSpec(bool interactive, out ContainerSpec spec)
    {
        try
        {
            spec = MakeSpec(interactive);
            return true;
        }
        catch (Exception e) when (e is DockerException or FormatException or IOException or UnauthorizedAccessException
            or SessionStateException)
        {
            spec = null!;
            WriteError(ErrorRecords.From(e, (e as DockerException)?.Subject ?? Image));
            return false;
        }
    }

    /// <summary>Makes the container, pulling its image first when it is to be pulled.</summary>
    private protected async Task<Container> CreateAsync(ContainerEngine engine, ContainerSpec spec, CancellationToken cancellationToken)
    {
        var progress = new LayerProgress(this, $"Pulling {Image}");
        try
        {
            return await engine.CreateContainerAsync(spec, new ContainerImageSource { Policy = Pull, Platform = Platform }, progress, cancellationToken);
        }
        finally
        {
            progress.Complete();
        }
    }

    private ContainerSpec MakeSpec(bool interactive)
    {
        return new ContainerSpec
        {
            Image = Image,
            Name = Name,
            // One empty text is how Docker's users clear an entrypoint.
            Entrypoint = Bound(nameof(Entrypoint)) ? Entrypoint is null or [""] ? [] : Entrypoint : null,
            Command = Command,
            Environment = [.. Lines(EnvironmentFile).SelectMany(FileLine), .. Environment ?? []],
            WorkingDirectory = WorkingDirectory,
            User = User,
            GroupAdd = GroupAdd ?? [],
            Hostname = Hostname,
            DomainName = DomainName,
            Labels = Labels(),
            Annotations = Pairs(Annotation),
            Tty = Tty,
            Interactive = Interactive || interactive,
            ReadOnly = ReadOnly,
            Mounts = [.. (Volume ?? []).Concat(Mount ?? []).Select(Located), .. Tmpfs ?? []],
            VolumesFrom = VolumesFrom,
            Devices = Device ?? [],
            DeviceCgroupRules = DeviceCgroupRule ?? [],
            Ulimits = Ulimit ?? [],
            Sysctls = Pairs(Sysctl),
            ShmSize = ShmSize,
            CapAdd = CapAdd ?? [],
            CapDrop = CapDrop ?? [],
            Privileged = Privileged,
            SecurityOptions = [.. (SecurityOption ?? []).Select(LocatedProfile)],
            Memory = Memory,
            MemorySwap = MemorySwap,
            MemoryReservation = MemoryReservation,
            Cpus = Cpus,
            CpuShares = CpuShares,
            CpusetCpus = CpusetCpus,
            CpusetMems = CpusetMems,
            // Docker's -1 and 0 are no limit.
            PidsLimit = PidsLimit > 0 ? PidsLimit : null,
            OomScoreAdjust = OomScoreAdjust,
            OomKillDisable = OomKillDisable,
            BlkioWeight = BlkioWeight,
            StopSignal = StopSignal,
            StopTimeout = StopTimeout,
            Init = Init,
            AutoRemove = AutoRemove,
            Network = Network is not null ? string.Join(',', Network) : "bridge",
            Ports = Publish,
            PublishAllPorts = PublishAll,
            ExposedPorts = [.. Expose.Select(port => port.Contains('/') ? port : port + "/tcp")],
            NetworkAliases = NetworkAlias,
            IPAddresses = IPAddress,
            MacAddress = MacAddress,
            Dns = Dns,
            DnsSearch = DnsSearch,
            DnsOptions = DnsOption,
            ExtraHosts = AddHost,
            PidMode = OwnIsNull(PidMode),
            IpcMode = OwnIsNull(IpcMode),
            UtsMode = OwnIsNull(UtsMode),
            CgroupMode = OwnIsNull(CgroupMode),
            UserNamespace = UserNamespace is { Mode: ContainerUserNamespaceMode.Host } ? null : UserNamespace,
            CgroupParent = CgroupParent,
            Runtime = Runtime is { } runtime && runtime.Contains('/') ? Provided(runtime) : Runtime,
        };
    }

    private static string? OwnIsNull(string? mode) => mode is "private" or "" ? null : mode;

    private bool Bound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private Dictionary<string, string> Labels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Lines(LabelFile))
        {
            string[] pair = line.Split('=', 2);
            labels[pair[0].Trim()] = pair.Length == 2 ? pair[1] : "";
        }
        foreach ((string key, string value) in Pairs(Label)) labels[key] = value;
        return labels;
    }

    private static Dictionary<string, string> Pairs(IDictionary? given) =>
        given as Dictionary<string, string> ?? new Dictionary<string, string>(StringComparer.Ordinal);

    // A file's line is NAME=value as it stands, without quoting; # begins a comment line.
    private IEnumerable<string> Lines(string[]? files) =>
        from file in files ?? []
        from line in File.ReadLines(Provided(file))
        let text = line.TrimStart()
        where text.Length > 0 && text[0] != '#'
        select text;

    private static IEnumerable<string> FileLine(string line) => EnvironmentAttribute.Line(line);

    // A relative source means the directory that PowerShell is in, which is not the process's.
    private ContainerMount Located(ContainerMount mount) =>
        mount.Type == ContainerMountType.Bind && !mount.Source.StartsWith('/') ? mount with { Source = Provided(mount.Source) } : mount;

    // seccomp=FILE, likewise.
    private string LocatedProfile(string option)
    {
        const string Seccomp = "seccomp=";
        if (!option.Replace(':', '=').StartsWith(Seccomp, StringComparison.Ordinal)) return option;
        string value = option[Seccomp.Length..];
        return value is "" or "default" or "builtin" or "unconfined" ? option : Seccomp + Provided(value);
    }

    private string Provided(string path)
    {
        string real = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return provider.Name == "FileSystem"
            ? real
            : throw new DockerArgumentException(
                "PathNotFileSystem", $"'{path}' is a path of {provider.Name}. Give a path of the file system.", path);
    }
}
