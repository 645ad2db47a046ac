using DockerPS.Engine;
using DockerPS.Engine.Containers;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Units.Containers;

public class RuntimeConfigTests
{
    private static readonly EngineOptions Options = new() { Root = "/store", RunRoot = "/run/x", RuntimePath = "/rt" };
    private static readonly string Id = new('a', 64);
    private static readonly ContainerSpec Plain = new() { Image = "app", Entrypoint = ["/entry"], Command = ["serve"] };
    private readonly List<string> _warnings = [];

    [Fact]
    public void By_default_there_are_six_new_namespaces()
    {
        RuntimeLinux linux = Build(Plain).Linux!;
        Assert.Equal(["cgroup", "ipc", "mount", "network", "pid", "uts"], linux.Namespaces!.Select(n => n.Type).Order());
        Assert.All(linux.Namespaces!, n => Assert.Null(n.Path));
        Assert.Equal("/dockerps/" + Id, linux.CgroupsPath);
        Assert.Equal("0 2147483647", linux.Sysctl!["net.ipv4.ping_group_range"]);
        Assert.Contains("/proc/kcore", linux.MaskedPaths!);
        Assert.Contains("/proc/interrupts", linux.MaskedPaths!);
        Assert.Contains("/sys/devices/virtual/powercap", linux.MaskedPaths!);
        Assert.Contains("/proc/sys", linux.ReadonlyPaths!);
    }

    [Fact]
    public void A_container_has_the_default_filter_of_its_capabilities_unless_it_says_otherwise()
    {
        RuntimeSeccomp usual = RuntimeSeccompReader.Read(Build(Plain).Linux!.Seccomp!.Value);
        Assert.Equal("SCMP_ACT_ERRNO", usual.DefaultAction);
        Assert.DoesNotContain(usual.Syscalls!, r => r.Names.Contains("mount"));
        RuntimeSeccomp admin = RuntimeSeccompReader.Read(Build(Plain with { CapAdd = ["SYS_ADMIN"] }).Linux!.Seccomp!.Value);
        Assert.Contains(admin.Syscalls!, r => r.Names.Contains("mount"));
        Assert.NotNull(Build(Plain with { SecurityOptions = ["seccomp=unconfined", "seccomp:default"] }).Linux!.Seccomp);
        Assert.Null(Build(Plain with { SecurityOptions = ["seccomp=unconfined"] }).Linux!.Seccomp);
        Assert.Null(Build(Plain with { Privileged = true }).Linux!.Seccomp);
        Assert.NotNull(Build(Plain with { Privileged = true, SecurityOptions = ["seccomp=default"] }).Linux!.Seccomp);
    }

    [Fact]
    public void A_named_profile_is_resolved_for_the_container_and_a_bad_one_has_its_own_error()
    {
        using var files = new Images.TemporaryDirectory();
        ContainerSpec spec = Plain with { SecurityOptions = ["seccomp=" + files["profile.json"]] };
        Assert.Equal("SeccompProfileNotFound", Assert.Throws<DockerArgumentException>(() => Build(spec)).ErrorId);
        File.WriteAllText(files["profile.json"], """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
             {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30, "excludes": {"caps": ["CAP_SYS_ADMIN"]}}]}
            """);
        Assert.Equal("mkdir", RuntimeSeccompReader.Read(Build(spec).Linux!.Seccomp!.Value).Syscalls!.Single().Names.Single());
        Assert.Empty(RuntimeSeccompReader.Read(Build(spec with { CapAdd = ["SYS_ADMIN"] }).Linux!.Seccomp!.Value).Syscalls!);
        File.WriteAllText(files["profile.json"], """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "DENY"}]}
            """);
        DockerArgumentException wrong = Assert.Throws<DockerArgumentException>(() => Build(spec));
        Assert.Equal("InvalidSeccompProfile", wrong.ErrorId);
        Assert.Contains("$.syscalls[0].action", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shared_namespaces_are_omitted_or_joined()
    {
        RuntimeConfig host = Build(Plain with { Network = "host", PidMode = "host", IpcMode = "host", UtsMode = "host", CgroupMode = "host" });
        Assert.Equal(["mount"], host.Linux!.Namespaces!.Select(n => n.Type));
        Assert.Null(host.Hostname);
        Assert.Null(host.Linux.Sysctl);
        Assert.Contains("HOSTNAME=machine", host.Process!.Env!);

        var other = new JoinedContainer(new ContainerDirectory(Options, new string('b', 64)), 42, "other");
        RuntimeConfig joined = Build(
            Plain with { Network = "container:b", IpcMode = "container:b" },
            new Dictionary<string, JoinedContainer> { ["network"] = other, ["ipc"] = other });
        Assert.Equal("/proc/42/ns/net", joined.Linux!.Namespaces!.Single(n => n.Type == "network").Path);
        Assert.Equal("/proc/42/ns/ipc", joined.Linux!.Namespaces!.Single(n => n.Type == "ipc").Path);
        Assert.Equal("/proc/42/root/dev/shm", joined.Mounts!.Single(m => m.Destination == "/dev/shm").Source);
        Assert.Equal(other.Directory.Hosts, joined.Mounts!.Single(m => m.Destination == "/etc/hosts").Source);
        Assert.Equal("other", joined.Hostname);
    }

    [Fact]
    public void The_process_is_entrypoint_then_command_with_its_environment()
    {
        RuntimeProcess process = Build(Plain with { Environment = ["PATH=/bin", "A=1"], Tty = true, WorkingDirectory = "/srv" }).Process!;
        Assert.Equal(["/entry", "serve"], process.Args);
        Assert.Equal(["PATH=/bin", "HOSTNAME=aaaaaaaaaaaa", "TERM=xterm", "A=1"], process.Env);
        Assert.True(process.Terminal);
        Assert.Equal("/srv", process.Cwd);
        Assert.Equal(11, process.Capabilities!.Bounding!.Count);
        Assert.Equal(process.Capabilities.Bounding, process.Capabilities.Effective);
        Assert.Null(process.Capabilities.Inheritable);
        Assert.False(process.NoNewPrivileges);
        Assert.True(Build(Plain with { SecurityOptions = ["no-new-privileges"] }).Process!.NoNewPrivileges);
    }

    [Fact]
    public void The_usual_mounts_stand_in_an_order_that_works()
    {
        List<RuntimeMount> mounts = Build(Plain with { ShmSize = 1 << 20 }).Mounts!;
        Assert.Equal(
            ["/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts"],
            mounts.Select(m => m.Destination));
        Assert.Contains("ro", mounts.Single(m => m.Destination == "/sys").Options!);
        Assert.Contains("size=1048576", mounts.Single(m => m.Destination == "/dev/shm").Options!);
    }

    [Fact]
    public void Asked_mounts_replace_the_usual_ones_and_parents_come_first()
    {
        List<RuntimeMount> mounts = Build(Plain with
        {
            Mounts =
            [
                new ContainerMount { Source = "/a", Target = "/data/deep/er", ReadOnly = true },
                new ContainerMount { Source = "/b", Target = "/data", Propagation = "rslave", NonRecursive = true },
                new ContainerMount { Type = ContainerMountType.Tmpfs, Target = "/dev", TmpfsSize = 1024, TmpfsMode = 0x1C0, Options = ["exec"] },
                new ContainerMount { Source = "/c", Target = "/etc/hosts" },
            ],
        }).Mounts!;
        Assert.DoesNotContain(mounts, m => m.Destination is "/dev/pts" or "/dev/shm");
        Assert.Equal("/c", mounts.Single(m => m.Destination == "/etc/hosts").Source);
        Assert.True(mounts.FindIndex(m => m.Destination == "/data") < mounts.FindIndex(m => m.Destination == "/data/deep/er"));
        Assert.Equal(["bind", "rslave", "rw"], mounts.Single(m => m.Destination == "/data").Options);
        Assert.Equal(["rbind", "rprivate", "ro", "rro"], mounts.Single(m => m.Destination == "/data/deep/er").Options);
        Assert.Equal(["exec", "nosuid", "nodev", "size=1024", "mode=700"], mounts.Single(m => m.Destination == "/dev").Options);
    }

    [Fact]
    public void Privileged_takes_the_fences_away()
    {
        RuntimeConfig config = Build(Plain with { Privileged = true });
        Assert.Null(config.Linux!.MaskedPaths);
        Assert.Null(config.Linux.ReadonlyPaths);
        Assert.Equal(41, config.Process!.Capabilities!.Bounding!.Count);
        Assert.True(config.Linux.Resources!.Devices!.Single().Allow);
        Assert.Contains("rw", config.Mounts!.Single(m => m.Destination == "/sys").Options!);
        Assert.Contains("rw", config.Mounts!.Single(m => m.Destination == "/sys/fs/cgroup").Options!);
        Assert.True(BundleWriter.Supervise(Plan(Plain with { Privileged = true })).AllDevices);
    }

    [Fact]
    public void Limits_become_resources()
    {
        RuntimeResources resources = Build(Plain with
        {
            Memory = 64 << 20,
            MemoryReservation = 32 << 20,
            Cpus = 1.5m,
            CpuShares = 512,
            CpusetCpus = "0",
            PidsLimit = 100,
            BlkioWeight = 300,
            OomKillDisable = true,
        }).Linux!.Resources!;
        Assert.Equal(64 << 20, resources.Memory!.Limit);
        Assert.Equal(128 << 20, resources.Memory.Swap);
        Assert.Equal(32 << 20, resources.Memory.Reservation);
        Assert.True(resources.Memory.DisableOomKiller);
        Assert.Equal((150_000L, 100_000UL, 512UL, "0"), (resources.Cpu!.Quota!.Value, resources.Cpu.Period!.Value, resources.Cpu.Shares!.Value, resources.Cpu.Cpus!));
        Assert.Equal(100, resources.Pids!.Limit);
        Assert.Equal((ushort)300, resources.BlockIo!.Weight);
        Assert.False(resources.Devices![0].Allow);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Without_limits_there_are_no_resources_but_devices()
    {
        RuntimeResources resources = Build(Plain with { PidsLimit = -1 }).Linux!.Resources!;
        Assert.Null(resources.Memory);
        Assert.Null(resources.Cpu);
        Assert.Null(resources.Pids);
        Assert.Null(resources.BlockIo);
    }

    [Fact]
    public void A_limit_above_the_hosts_is_lowered_with_a_warning()
    {
        RuntimeRlimit limit = Build(Plain with { Ulimits = [new ContainerUlimit { Name = "nofile", Soft = 30_000, Hard = -1 }] }).Process!.Rlimits!.Single();
        Assert.Equal(("RLIMIT_NOFILE", 20_000UL, 20_000UL), (limit.Type, limit.Soft, limit.Hard));
        Assert.Contains("nofile", Assert.Single(_warnings));
    }

    [Fact]
    public void The_supervisor_is_told_what_surrounds_the_process()
    {
        SuperviseConfig supervise = BundleWriter.Supervise(Plan(Plain with
        {
            User = "app:web",
            GroupAdd = ["audio"],
            Interactive = true,
            Init = true,
            AutoRemove = true,
            StopSignal = "INT",
            StopTimeout = TimeSpan.FromSeconds(2.5),
            Devices = [new ContainerDevice { Source = "/dev/fuse", Target = "/dev/fuse2", Permissions = "r" }],
        }));
        Assert.Equal(["/layers/top/diff", "/layers/base/diff"], supervise.LowerDirectories);
        Assert.Equal($"/store/containers/{Id}/upper", supervise.UpperDirectory);
        Assert.Equal("/run/x/" + Id[..32], supervise.RunDirectory);
        Assert.Equal(("app:web", 2, 2500), (supervise.User, supervise.StopSignal, supervise.StopTimeout));
        Assert.True(supervise.OpenStdin && supervise.Init && supervise.AutoRemove && supervise.Volatile);
        Assert.Equal("/dev/fuse2", supervise.Devices.Single().Target);
    }

    private RuntimeConfig Build(ContainerSpec spec, Dictionary<string, JoinedContainer>? joined = null) =>
        RuntimeConfigBuilder.Build(Plan(spec, joined), _warnings.Add);

    private static BundlePlan Plan(ContainerSpec spec, Dictionary<string, JoinedContainer>? joined = null) => new()
    {
        Id = Id,
        Name = "web",
        Spec = spec,
        Directory = new ContainerDirectory(Options, Id),
        Options = Options,
        Layers = ["/layers/top/diff", "/layers/base/diff"],
        Joined = joined ?? [],
        Host = new HostFacts
        {
            BoundingCapabilities = (1UL << 41) - 1,
            Limits = ["Limit  Soft Limit  Hard Limit  Units", "Max open files            1024                 20000                files     "],
            HostName = "machine",
            CgroupVersion = "hybrid",
            SwapAccounting = true,
        },
    };
}
