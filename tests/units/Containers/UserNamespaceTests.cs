using DockerPS.Engine.Containers;
using DockerPS.Engine.Containers.UserNamespaces;
using Xunit;

namespace DockerPS.Units.Containers;

public class UserNamespaceTests
{
    private static readonly SubordinateIds Bare = SubordinateIds.From([], []);
    private static readonly ContainerSpec Plain = new() { Image = "app", Command = ["true"] };

    [Theory]
    [InlineData("host", "host")]
    [InlineData("", "host")]
    [InlineData("auto", "auto")]
    [InlineData("Auto:size=4096", "auto:size=4096")]
    [InlineData("keep-id", "keep-id")]
    [InlineData("keep-id:uid=200,gid=210", "keep-id:uid=200,gid=210")]
    [InlineData("100000:65536", "0:100000:65536")]
    [InlineData("0:100000:1000,1000:5000:1", "0:100000:1000,1000:5000:1")]
    public void A_text_is_read_and_written_again(string text, string written)
    {
        var parsed = ContainerUserNamespace.Parse(text);
        Assert.Equal(written, parsed.ToString());
        Assert.Equal(written, ContainerUserNamespace.Parse(written).ToString());
    }

    [Theory]
    [InlineData("private")]
    [InlineData("auto:uid=1")]
    [InlineData("auto:size=0")]
    [InlineData("keep-id:uid")]
    [InlineData("100000")]
    [InlineData("100000:0")]
    [InlineData("0:4294967295:2")]
    [InlineData("1:2:3:4")]
    [InlineData("-1:2")]
    [InlineData("host:x")]
    public void A_text_that_is_none_says_what_would_be(string text) =>
        Assert.Contains("Write", Assert.Throws<FormatException>(() => ContainerUserNamespace.Parse(text)).Message);

    [Fact]
    public void Automatic_ranges_are_disjoint_and_fill_gaps()
    {
        List<ContainerIdMapping> taken = [];
        for (int i = 0; i < 5; i++) taken.Add(Only(Complete("auto", taken).UserNamespace!));
        Assert.Equal(5, taken.Select(r => r.HostId).Distinct().Count());
        Assert.All(taken, r => Assert.Single(taken, r.SharesHostIds));
        ContainerIdMapping gone = taken[2];
        taken.Remove(gone);
        Assert.Equal(gone, Only(Complete("auto", taken).UserNamespace!));
    }

    [Fact]
    public void Ids_set_aside_for_containers_are_used_and_nothing_beyond()
    {
        SubordinateIds machine = SubordinateIds.From(
            ["root:50000:10", "dockremap:1:1", "containers:100000:65536", "containers:300000:10000"], ["containers:100000:65536", "containers:299000:8000"]);
        Assert.Equal(["0:100000:65536", "0:300000:7000"], machine.ForContainers.Select(r => r.ToString()));
        var first = new ContainerIdMapping(0, IdRangePool.Find(60000, machine, []), 60000);
        Assert.Equal(100000u, first.HostId);
        Assert.Equal(300000u, IdRangePool.Find(6000, machine, [first]));
        var error = Assert.Throws<DockerEnvironmentException>(() => IdRangePool.Find(7001, machine, [first]));
        Assert.Equal("IdRangesExhausted", error.ErrorId);
        Assert.Contains("/etc/subuid", error.Message);
    }

    [Fact]
    public void Ids_of_other_users_are_not_taken()
    {
        uint first = IdRangePool.Find(65536, Bare, []);
        SubordinateIds machine = SubordinateIds.From([$"alice:{first + 100}:70000", "broken", "# comment:1:2"], []);
        uint other = IdRangePool.Find(65536, machine, []);
        Assert.False(new ContainerIdMapping(0, other, 65536).SharesHostIds(machine.OfOthers.Single()));
        Assert.Equal(0u, other % 65536);
    }

    [Fact]
    public void The_invoking_users_id_is_kept_and_all_others_come_from_a_range()
    {
        var invoker = new InvokingUser(1000, 985);
        ContainerUserNamespace users = Complete("keep-id", [], invoker).UserNamespace!;
        Assert.Contains(new ContainerIdMapping(1000, 1000, 1), users.UidMappings);
        Assert.Contains(new ContainerIdMapping(985, 985, 1), users.GidMappings);
        Assert.Equal(65536, users.UidMappings.Sum(m => m.Size));
        Assert.Equal([0u, 1000u, 1001u], users.UidMappings.Select(m => m.ContainerId));
        ContainerUserNamespace other = Complete("keep-id:uid=0,gid=0", [], invoker).UserNamespace!;
        Assert.Equal(new ContainerIdMapping(0, 1000, 1), other.UidMappings[0]);
        Assert.Equal("1000:985", UserNamespacePlan.WithUser(With("keep-id"), invoker).User);
        Assert.Equal("0:0", UserNamespacePlan.WithUser(With("keep-id:uid=0,gid=0"), invoker).User);
        Assert.Equal("app", UserNamespacePlan.WithUser(With("keep-id") with { User = "app" }, invoker).User);
    }

    [Fact]
    public void An_id_beyond_the_range_is_kept_beside_it()
    {
        ContainerUserNamespace users = Complete("keep-id", [], new InvokingUser(200_000, 1)).UserNamespace!;
        Assert.Equal([65536u, 1u], users.UidMappings.Select(m => m.Size));
        Assert.Equal(200_000u, users.UidMappings[1].ContainerId);
    }

    [Theory]
    [InlineData("UserNamespaceConflict", "privileged")]
    [InlineData("UserNamespaceConflict", "network")]
    [InlineData("UserNamespaceConflict", "pid")]
    [InlineData("UserNamespaceConflict", "pid of another")]
    [InlineData("UserNamespaceConflict", "ipc of another")]
    [InlineData("InvalidUserNamespace", "overlap")]
    [InlineData("InvalidMount", "idmap without")]
    public void What_cannot_be_combined_is_refused(string errorId, string what)
    {
        ContainerSpec spec = what switch
        {
            "privileged" => With("auto") with { Privileged = true },
            "network" => With("auto") with { Network = "host" },
            "pid" => With("100000:65536") with { PidMode = "host" },
            "pid of another" => With("auto") with { PidMode = "container:x" },
            "ipc of another" => With("auto") with { IpcMode = "container:x" },
            "overlap" => With("0:100000:10,5:200000:10"),
            _ => Plain with { Mounts = [ContainerMount.Parse("/tmp:/in:idmap")] },
        };
        Assert.Equal(errorId, Assert.Throws<DockerArgumentException>(() => SpecChecks.Check(spec)).ErrorId);
    }

    [Fact]
    public void The_network_of_another_and_the_hosts_ipc_may_be_combined() =>
        SpecChecks.Check(With("auto") with { Network = "container:x", IpcMode = "host", UtsMode = "host" });

    private static ContainerSpec With(string text) => Plain with { UserNamespace = ContainerUserNamespace.Parse(text) };

    private static ContainerSpec Complete(string text, List<ContainerIdMapping> taken, InvokingUser invoker = default) =>
        UserNamespacePlan.Complete(With(text), taken, Bare, invoker);

    private static ContainerIdMapping Only(ContainerUserNamespace users) => Assert.Single(users.UidMappings);
}
