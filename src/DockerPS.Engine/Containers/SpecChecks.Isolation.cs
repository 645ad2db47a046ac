using DockerPS.Engine.Networks;
using DockerPS.Engine.Volumes;

namespace DockerPS.Engine.Containers;

/// <summary>Mounts, devices, namespaces and security options.</summary>
internal static partial class SpecChecks
{
    private static readonly string[] Propagations = ["private", "rprivate", "slave", "rslave", "shared", "rshared"];

    private static readonly string[] MessageQueueSysctls =
        ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];

    private static void CheckMounts(ContainerSpec spec)
    {
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (ContainerMount mount in spec.Mounts)
        {
            if (mount.Target.Length == 0 || mount.Target[0] != '/' || mount.Target.Contains('\0', StringComparison.Ordinal))
                throw Wrong("InvalidMount", mount.Target, "is no absolute path in the container", "Begin the target of a mount with /.");
            string target = MountPlan.Clean(mount.Target);
            if (target == "/") throw Wrong("InvalidMount", mount.Target, "cannot be a mount's target", "Mount on a directory below the root.");
            if (!targets.Add(target)) throw Wrong("InvalidMount", mount.Target, "is the target of two mounts", "Give each mount its own target.");
            if (mount.Propagation is { } propagation && !Propagations.Contains(propagation))
                throw Wrong("InvalidMount", propagation, "is no propagation", "Use one of " + string.Join(", ", Propagations) + ".");
            if (mount.Type == ContainerMountType.Bind) CheckBind(mount);
            else if (mount.Type == ContainerMountType.Volume) CheckVolume(mount);
            else if (mount.TmpfsSize is { Bytes: < 0 }) throw Wrong("InvalidMount", mount.Target, "has a negative size", "Use a size such as 64m.");
        }

        foreach (ContainerDevice device in spec.Devices)
        {
            if (device.Source.Length == 0 || device.Source[0] != '/' || device.Target.Length == 0 || device.Target[0] != '/')
                throw Wrong("InvalidDevice", device.Source + ":" + device.Target, "is no device", "Write absolute paths: /dev/fuse or /dev/sda:/dev/disk:r.");
            if (device.Permissions.Length == 0 || device.Permissions.AsSpan().ContainsAnyExcept("rwm"))
                throw Wrong("InvalidDevice", device.Permissions, "are no permissions of a device", "Use letters of rwm.");
            if (!Path.Exists(device.Source))
                throw Wrong("InvalidDevice", device.Source, "is not on this machine", "See ls /dev for its devices.");
        }
    }

    private static void CheckVolume(ContainerMount mount)
    {
        if (mount.Source.Length > 0) VolumeNames.Check(mount.Source);
        if (mount.IdMapped) throw Wrong("InvalidMount", mount.Target, "is a volume, whose owners are mapped anyway", "Leave idmap out.");
        if (mount.Subpath is { } path && (path.StartsWith('/') || path.Split('/').Contains("..") || path.Contains('\0', StringComparison.Ordinal)))
            throw Wrong("InvalidMount", path, "is no path within a volume", "Write one without / at its beginning and without '..'.");
    }

    private static void CheckBind(ContainerMount mount)
    {
        if (mount.Source.Length > 0 && mount.Source[0] is not ('/' or '.' or '~'))
            throw Wrong("InvalidMount", mount.Source, "is no path of the host", "Begin it with /, or mount a volume: -Volume NAME:/path, or type=volume.");
        if (mount.Source.Length == 0 || mount.Source[0] != '/')
            throw Wrong("InvalidMount", mount.Source, "is no absolute path of the host", "Begin the source of a bind mount with /.");
        if (!mount.CreateSource && !Path.Exists(mount.Source))
            throw Wrong("InvalidMount", mount.Source, "does not exist on the host", "Make it first, or use the short form (-Volume), which makes it.");
    }

    /// <summary>Ports that were not made from text.</summary>
    /// <exception cref="DockerArgumentException">InvalidPort.</exception>
    public static void Check(IEnumerable<ContainerPort> ports)
    {
        foreach (ContainerPort port in ports)
        {
            string? why = port.Port is < 1 or > 65535 ? "the container's port is none from 1 to 65535"
                : port.HostPort is < 0 or > 65535 ? "the port of this machine is none from 1 to 65535, nor 0 for a free one"
                : port.HostPortEnd != 0 && (port.HostPort == 0 || port.HostPortEnd < port.HostPort || port.HostPortEnd > 65535) ? "the range of this machine's ports has no such end"
                : port.HostAddress is { } address && !AddressText.IsAddress(address) ? $"'{address}' is no address of this machine"
                : Enum.IsDefined(port.Protocol) ? null : "its protocol is neither tcp nor udp";
            if (why is not null) throw new DockerArgumentException("InvalidPort", $"{port} cannot be published: {why}. Write it as 8080:80, or as a hashtable of HostAddress, HostPort, Port and Protocol.", port);
        }
    }

    private static void CheckModes(ContainerSpec spec)
    {
        IReadOnlyList<string> networks = NetworkNames.Of(spec);
        foreach (string network in networks)
        {
            if (network is "none" or "host" || network.Contains(':', StringComparison.Ordinal))
                throw Wrong("InvalidNetwork", spec.Network, "cannot be joined with other networks", "Use none, host or container:NAME alone, or names of networks.");
        }

        if (networks.Count == 0 && (spec.NetworkAliases.Count > 0 || spec.IPAddresses.Count > 0 || spec.MacAddress is not null))
        {
            throw Wrong(
                "InvalidNetwork", spec.Network, "is no network in which the container has an address or names of its own",
                "Name a network (bridge, or one of New-ContainerNetwork), or leave out aliases and addresses.");
        }

        if (networks.Count == 0 && (spec.Ports.Count > 0 || spec.PublishAllPorts))
        {
            throw Wrong(
                "InvalidNetwork", spec.Network, "is no network from which ports can be published",
                "Name a network (bridge, or one of New-ContainerNetwork); with -Network host the container has this machine's ports anyway.");
        }

        Check(spec.Ports);
        foreach (string port in spec.ExposedPorts)
        {
            try
            {
                ContainerPort.Parse(port);
            }
            catch (FormatException e)
            {
                throw new DockerArgumentException("InvalidPort", e.Message, port, e);
            }
        }

        foreach (string line in spec.ExtraHosts) HostsFile.Check(line);
        foreach (string server in spec.Dns)
        {
            if (!AddressText.IsAddress(server)) throw Wrong("InvalidDns", server, "is no address of a name server", "Write it as 10.1.0.53.");
        }

        foreach (string word in (IEnumerable<string>)[.. spec.DnsSearch, .. spec.DnsOptions])
        {
            if (word.Length == 0 || word.AsSpan().ContainsAny(" \t\n#")) throw Wrong("InvalidDns", word, "is no word of resolv.conf", "Give each domain or option by itself.");
        }

        foreach (string alias in spec.NetworkAliases) NetworkNames.CheckAlias(alias);
        if (spec.MacAddress is { } mac) MacAddress.Parse(mac);
        CheckMode("InvalidPidMode", spec.PidMode, "private", "Use host or container:NAME, or leave it out.");
        CheckMode("InvalidIpcMode", spec.IpcMode, "private", "Use host or container:NAME, or leave it out.", "shareable", "none");
        CheckMode("InvalidUtsMode", spec.UtsMode, "private", "Use host or container:NAME, or leave it out.");
        if (spec.CgroupMode is not (null or "" or "private" or "host"))
            throw Wrong("InvalidCgroupMode", spec.CgroupMode, "is no mode of the cgroup namespace", "Use private or host.");
        if (spec.Hostname is { } name && (spec.UtsMode is { Length: > 0 } and not "private"))
            throw Wrong("InvalidHostname", name, "cannot be set, as the host name is shared", "Leave out the host name or the UTS mode.");
        CheckSysctls(spec);
    }

    private static void CheckMode(string errorId, string? mode, string own, string next, params ReadOnlySpan<string> others)
    {
        if (mode is null or "" or "host" || mode == own || others.Contains(mode) || ContainerMode.Is(mode)) return;
        throw Wrong(errorId, mode, "is no mode of a namespace", next);
    }

    private static void CheckSysctls(ContainerSpec spec)
    {
        foreach ((string given, string value) in spec.Sysctls)
        {
            string key = given.Replace('/', '.');
            bool network = key.StartsWith("net.", StringComparison.Ordinal);
            bool messages = MessageQueueSysctls.Contains(key) || key.StartsWith("fs.mqueue.", StringComparison.Ordinal);
            bool names = key is "kernel.domainname";
            if (!network && !messages && !names)
            {
                throw Wrong(
                    "InvalidSysctl", given, "belongs to the whole machine, not to a container",
                    "Only net.*, fs.mqueue.*, kernel.shm*, kernel.msg*, kernel.sem and kernel.domainname are a container's own.");
            }

            string? shared = network && spec.Network is "host" ? "network"
                : messages && spec.IpcMode is "host" ? "IPC"
                : names && spec.UtsMode is "host" ? "UTS"
                : null;
            if (shared is not null)
                throw Wrong("InvalidSysctl", given, $"would change the host, whose {shared} namespace the container shares", "Leave one of the two out.");
            if (value.AsSpan().ContainsAny("\n\0"))
                throw Wrong("InvalidSysctl", given, "has a value of more than one line", "Write NAME=value.");
        }
    }

    private static void CheckSecurity(ContainerSpec spec)
    {
        foreach (string capability in (IEnumerable<string>)[.. spec.CapAdd, .. spec.CapDrop]) Capabilities.Parse(capability);
        foreach (string option in spec.SecurityOptions)
        {
            if (SeccompOption.Value(option) is { } profile)
            {
                if (profile.Length == 0 || profile.Contains('\0', StringComparison.Ordinal))
                    throw Wrong("InvalidSecurityOption", option, "names no profile", "Use seccomp=default, seccomp=unconfined or seccomp=FILE.");
                if (!SeccompOption.IsWord(profile) && profile[0] != '/')
                    throw Wrong("InvalidSecurityOption", option, "is no absolute path", "Use seccomp=default, seccomp=unconfined or a path that begins with /.");
                continue;
            }

            if (SecurityModules.IsOption(option)) continue;
            string text = option.Replace(':', '=');
            if (text is "no-new-privileges" or "no-new-privileges=true" or "no-new-privileges=false" or "systempaths=unconfined") continue;
            throw Wrong(
                "InvalidSecurityOption", option, "is not supported",
                "Use no-new-privileges, seccomp=default|unconfined|FILE, apparmor=PROFILE|unconfined, "
                + "label=disable|user:USER|role:ROLE|type:TYPE|level:LEVEL or systempaths=unconfined.");
        }
    }
}
