using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Integration.Bundles;

/// <summary>Containers with a user namespace of their own that share others with the machine.</summary>
public sealed class SharedNamespaceTests
{
    private static readonly List<RuntimeIdMapping> s_map = [new() { ContainerId = 0, HostId = 200000, Size = 65536 }];

    [Fact]
    public void The_machines_network_and_message_queues_are_shown_read_only_in_sysfs_and_mqueue()
    {
        using OciBundle bundle = Mapped("ls /sys/class/net; stat -f -c %t /dev/mqueue; touch /sys/x");
        bundle.Linux.Namespaces!.RemoveAll(n => n.Type is "network" or "ipc");
        bundle.Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        OciBundle.Output output = bundle.Run();
        string[] links = [.. Directory.GetFileSystemEntries("/sys/class/net").Select(l => Path.GetFileName(l)!).Order(StringComparer.Ordinal)];
        Assert.Equal([.. links, "19800202"], output.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Read-only file system", output.Error);
    }

    [Fact]
    public void A_command_in_a_user_namespace_has_the_score_that_its_process_asks_for()
    {
        using OciBundle bundle = Mapped("sleep 1000");
        bundle.Config.Process!.OomScoreAdj = 300;
        bundle.StartDetached();
        Assert.Equal("300\n", bundle.Exec("cat /proc/1/oom_score_adj").Out);
        Assert.Equal("300\n", bundle.Exec("cat /proc/self/oom_score_adj").Out);
        // A lower one than the container's takes a right of the machine.
        File.WriteAllText(Path.Combine(bundle.Root, "process.json"), """
            { "user": { "uid": 0, "gid": 0 }, "args": [ "cat", "/proc/self/oom_score_adj" ], "env": [ "PATH=/bin" ], "cwd": "/", "oomScoreAdj": 200 }
            """);
        OciBundle.Output output = bundle.Verb(["exec", "--process", Path.Combine(bundle.Root, "process.json"), bundle.Id], write: false);
        Assert.Equal((0, "200\n"), (output.ExitCode, output.Out));
    }

    private static OciBundle Mapped(string script)
    {
        var bundle = new OciBundle(script);
        // Whoever the files belong to on the machine, they are nobody's inside but can be read.
        OciBundle.SetMode(bundle.Root, "755");
        bundle.Linux.Namespaces!.Add(new RuntimeNamespace { Type = "user" });
        bundle.Linux.UidMappings = s_map;
        bundle.Linux.GidMappings = s_map;
        foreach (string directory in (string[])["dev/mqueue", "dev/pts", "dev/shm"]) Directory.CreateDirectory(Path.Combine(bundle.RootFs, directory));
        return bundle;
    }
}
