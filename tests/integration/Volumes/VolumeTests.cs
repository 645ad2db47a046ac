using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Volumes;

/// <summary>Volumes as containers see them, and how long they stay.</summary>
public sealed class VolumeTests(VolumeFixture store) : IClassFixture<VolumeFixture>
{
    private static readonly CancellationToken s_token = CancellationToken.None;

    private static ContainerMount Mount(string text) => ContainerMount.Parse(text);

    [Fact]
    public async Task A_new_volume_begins_as_the_images_directory_with_owners_modes_times_attributes_and_links()
    {
        (int code, string text, string error) = await store.ShellAsync(
            "stat -c '%u:%g %a' /data; stat -c '%u:%g %a %Y %h %s' /data/file /data/second; readlink /data/link; ls /data/many | wc -l", Mount("first:/data"));
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("1000:1000 710\n1001:1002 640 981173106 2 7\n1001:1002 640 981173106 2 7\n/etc/passwd\n400\n", text);
        Assert.Equal("red", Attribute(Path.Combine(store.Data("first"), "file"), "user.colour"));
        Assert.Equal(["_data", "lock"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(store.Data("first"))!).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_a_container_writes_is_there_for_the_next_and_nothing_is_copied_over_it()
    {
        await store.ShellAsync("rm -r /data/many /data/file; echo mine > /data/second", Mount("kept:/data"));
        Assert.Equal("mine\nlink\nsecond\n", (await store.ShellAsync("cat /data/second; ls /data", Mount("kept:/data"))).Out);
        (int code, _, string error) = await store.ShellAsync("touch /data/x", Mount("kept:/data:ro"));
        Assert.Equal(1, code);
        Assert.Contains("Read-only", error);
        Assert.Equal("", (await store.ShellAsync("ls /data", Mount("bare:/data:nocopy"))).Out);
    }

    [Theory]
    [InlineData("z")]
    [InlineData("Z")]
    public async Task Labels_of_selinux_are_accepted(string option) =>
        Assert.Equal(0, (await store.ShellAsync("true", Mount("labelled:/data:" + option), Mount($"/tmp:/host:ro,{option}"))).ExitCode);

    [Fact]
    public async Task An_image_that_links_out_of_itself_gives_a_volume_nothing_of_the_host()
    {
        Assert.Equal("", (await store.ShellAsync("ls /outside/", Mount("lured:/outside"))).Out);
        Assert.Equal("", (await store.ShellAsync("ls /up/", Mount("lured2:/up"))).Out);
        Assert.Empty(Directory.EnumerateFileSystemEntries(store.Data("lured")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(store.Data("lured2")));
    }

    [Fact]
    public async Task A_declared_volume_is_the_containers_own_and_goes_with_it_when_asked()
    {
        Container kept = await store.CreateAsync("true");
        string name = Assert.Single(kept.Mounts).Source;
        Assert.Equal("/declared", kept.Mounts[0].Target);
        Assert.True((await VolumeAsync(name)).Anonymous);
        await store.RemoveAsync(kept, withVolumes: false);
        Assert.Empty((await VolumeAsync(name)).Containers);

        Container gone = await store.CreateAsync("true", Mount("named:/data"));
        string own = gone.Mounts.Single(m => m.Target == "/declared").Source;
        await store.RemoveAsync(gone);
        Assert.False(Directory.Exists(Path.GetDirectoryName(store.Data(own))));
        Assert.Equal("VolumeNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => VolumeAsync(own))).ErrorId);
        Assert.NotNull(await VolumeAsync("named"));

        int before = (await store.Engine.GetVolumesAsync(new VolumeFilter(), s_token)).Count;
        await store.ShellAsync("true");
        Assert.Equal(before, (await store.Engine.GetVolumesAsync(new VolumeFilter(), s_token)).Count);
    }

    [Fact]
    public async Task An_anonymous_volume_that_somebody_looks_into_by_its_name_stays()
    {
        Container first = await store.CreateAsync("true", Mount("/own"));
        string name = first.Mounts.Single(m => m.Target == "/own").Source;
        await store.RemoveAsync(first, withVolumes: false);
        Container looker = await store.CreateAsync("touch /own/precious", Mount($"{name}:/own"));
        Container second = await store.Engine.CreateContainerAsync(
            new ContainerSpec { Image = VolumeFixture.Image, VolumesFrom = [looker.Name] }, s_token, "true");
        await store.RemoveAsync(looker);
        await store.RemoveAsync(second);
        Assert.True((await VolumeAsync(name)).Anonymous);
        // One that nobody named goes with the last that has it.
        Container made = await store.CreateAsync("true", Mount("/own"));
        string own = made.Mounts.Single(m => m.Target == "/own").Source;
        second = await store.Engine.CreateContainerAsync(new ContainerSpec { Image = VolumeFixture.Image, VolumesFrom = [made.Name] }, s_token, "true");
        await store.RemoveAsync(made);
        await VolumeAsync(own);
        await store.RemoveAsync(second);
        await Assert.ThrowsAsync<DockerNotFoundException>(() => VolumeAsync(own));
    }

    [Fact]
    public async Task A_volume_in_use_cannot_be_removed_and_the_error_names_the_container()
    {
        Container user = await store.CreateAsync("true", Mount("busy:/data"));
        DockerConflictException error = Assert.Throws<DockerConflictException>(() => store.Engine.RemoveVolume("busy"));
        Assert.Equal("VolumeInUse", error.ErrorId);
        Assert.Contains(user.Name, error.Message);
        await store.RemoveAsync(user);
        store.Engine.RemoveVolume("busy");
        Assert.False(Directory.Exists(Path.GetDirectoryName(store.Data("busy"))));
        Assert.Equal("VolumeNotFound", Assert.Throws<DockerNotFoundException>(() => store.Engine.RemoveVolume("busy")).ErrorId);
    }

    [Fact]
    public async Task A_container_made_of_another_has_its_volumes_and_binds()
    {
        Container first = await store.CreateAsync("true", Mount("of-first:/data"), Mount("/tmp:/bound:ro"), ContainerMount.ParseTmpfs("/none"));
        Container second = await store.Engine.CreateContainerAsync(
            new ContainerSpec { Image = VolumeFixture.Image, VolumesFrom = [first.Name + ":ro"], Mounts = [Mount("own:/bound")] }, s_token, "true");
        Assert.Equal(["/bound", "/data", "/declared"], second.Mounts.Select(m => m.Target).Order());
        Assert.Equal(("of-first", true), (second.Mounts.Single(m => m.Target == "/data").Source, second.Mounts.Single(m => m.Target == "/data").ReadOnly));
        Assert.Equal("own", second.Mounts.Single(m => m.Target == "/bound").Source);
        // The anonymous volume of the first is in use by the second, and stays with it.
        string shared = first.Mounts.Single(m => m.Target == "/declared").Source;
        await store.RemoveAsync(first);
        Assert.Equal([second.Name], (await VolumeAsync(shared)).Containers);
        await store.RemoveAsync(second);
    }

    [Fact]
    public async Task A_source_that_cannot_be_made_is_told_of_as_such_and_not_as_the_stores()
    {
        DockerEnvironmentException error = await Assert.ThrowsAsync<DockerEnvironmentException>(() => store.ShellAsync("true", Mount("/etc/passwd/none:/x")));
        Assert.Equal("MountSourceFailed", error.ErrorId);
        Assert.Contains("/etc/passwd/none", error.Message);
        Container first = await store.CreateAsync("true");
        Assert.Equal("InvalidMount", (await Assert.ThrowsAsync<DockerArgumentException>(() => store.ShellAsync(
            "true", new ContainerSpec { Image = VolumeFixture.Image, VolumesFrom = [first.Name + ":readonly"] }))).ErrorId);
        await store.RemoveAsync(first);
    }

    [Fact]
    public async Task Only_a_part_of_a_volume_is_mounted_and_a_link_in_it_leads_nowhere_else()
    {
        await store.ShellAsync("mkdir -p /data/part; echo in > /data/part/x; ln -s / /data/root; ln -s ../../.. /data/up", Mount("parts:/data"));
        Assert.Equal("x\n", (await store.ShellAsync("ls /p", Mount("type=volume,source=parts,target=/p,volume-subpath=part"))).Out);
        Assert.Equal("in\n", (await store.ShellAsync("cat /p", Mount("type=volume,source=parts,target=/p,volume-subpath=part/x"))).Out);
        foreach (string lure in (string[])["root", "up"])
            Assert.Contains("part\n", (await store.ShellAsync("ls /p", Mount($"type=volume,source=parts,target=/p,volume-subpath={lure}"))).Out);
        ContainerRuntimeException error = await Assert.ThrowsAsync<ContainerRuntimeException>(
            () => store.ShellAsync("ls /p", Mount("type=volume,source=parts,target=/p,volume-subpath=none")));
        Assert.Equal("VolumeMountFailed", error.ErrorId);
    }

    [Fact]
    public async Task With_users_of_its_own_a_container_has_its_ids_on_the_volume()
    {
        (int code, string text, string error) = await store.ShellAsync(
            "stat -c '%u:%g' /data/file; id -u; echo w > /data/new; stat -c '%u:%g' /data/new",
            new ContainerSpec { Image = VolumeFixture.Image, UserNamespace = new ContainerUserNamespace { Mode = ContainerUserNamespaceMode.Auto }, Mounts = [Mount("mapped:/data")] });
        Assert.Equal((0, "1001:1002\n0\n0:0\n", ""), (code, text, error));
        Assert.Equal("1001:1002\n0:0\n", (await store.ShellAsync("stat -c '%u:%g' /data/file /data/new", Mount("mapped:/data"))).Out);
    }

    [Fact]
    public async Task A_file_system_in_memory_is_shared_by_containers_that_run_and_gone_with_the_last()
    {
        store.Engine.CreateVolume("memory", new Dictionary<string, string>(), new Dictionary<string, string> { ["type"] = "tmpfs", ["o"] = "size=1m,mode=700" });
        Container holder = await store.StartAsync("echo one > /m/x; sleep 600", Mount("memory:/m"));
        Assert.Equal("one\n", (await store.ShellAsync("cat /other/x; echo two > /other/x", Mount("memory:/other"))).Out);
        Assert.Equal("two\n", (await store.ShellAsync("cat /m/x", Mount("memory:/m"))).Out);
        await store.RemoveAsync(holder);
        Assert.Equal("700\n", (await store.ShellAsync("ls /m; stat -c %a /m", Mount("memory:/m:nocopy"))).Out);
        Assert.Equal(0, store.MountsOnHost());
    }

    [Fact]
    public async Task A_directory_of_the_host_can_be_a_volume()
    {
        string directory = Directory.CreateTempSubdirectory("dockerps-volume-").FullName;
        try
        {
            var options = new Dictionary<string, string> { ["type"] = "none", ["o"] = "bind", ["device"] = directory };
            store.Engine.CreateVolume("bound", new Dictionary<string, string>(), options);
            Assert.Equal("content", (await store.ShellAsync("cat /data/file", Mount("bound:/data"))).Out);
            Assert.True(File.Exists(Path.Combine(directory, "file")));
            store.Engine.RemoveVolume("bound");
            Assert.True(File.Exists(Path.Combine(directory, "file")));
            store.Engine.CreateVolume("bound", new Dictionary<string, string>(), new Dictionary<string, string>(options) { ["device"] = directory + "/none" });
            Assert.Equal("VolumeDeviceNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => store.ShellAsync("true", Mount("bound:/data")))).ErrorId);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Another_runtime_gets_volumes_file_systems_parts_and_images()
    {
        Assert.SkipUnless(ContainerEngine.RuntimeNames.Contains("runc"), "SKIPPED: runc is not installed.");
        store.Engine.CreateVolume("memory2", new Dictionary<string, string>(), new Dictionary<string, string> { ["type"] = "tmpfs" });
        await store.ShellAsync("mkdir /data/part; touch /data/part/x", Mount("foreign:/data"));
        (int code, string text, string error) = await store.ShellAsync(
            "cat /data/file; ls /part /image/declared /m/many | wc -l",
            new ContainerSpec
            {
                Image = VolumeFixture.Image, Runtime = "runc",
                Mounts =
                [
                    Mount("foreign:/data"), Mount("type=volume,source=foreign,target=/part,volume-subpath=part"), Mount($"type=image,source={VolumeFixture.Image},target=/image"),
                    Mount("memory2:/m:nocopy"), Mount("fresh2:/m/many"),
                ],
            });
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("content", text);
        Assert.Equal(0, store.MountsOnHost());
    }

    [Fact]
    public async Task The_tree_of_an_image_is_read_only_or_written_to_for_the_container_alone()
    {
        string image = $"type=image,source={VolumeFixture.Image},target=/image";
        Assert.Equal((1, "content"), (await store.ShellAsync("cat /image/data/file; touch /image/x 2>&-", Mount(image))) is var (code, text, _) ? (code, text) : default);
        Assert.Equal("file\nlink\nmany\nsecond\n", (await store.ShellAsync("ls /image", Mount(image + ",image-subpath=data"))).Out);
        Container writer = await store.CreateAsync("touch /image/data/written; ls /image/data", Mount(image + ",rw"));
        Assert.Equal(0, (await store.Engine.StartAttachedAsync(writer.Id, new Attachment((_, _) => { }, null), s_token)).ExitCode);
        var streams = new DockerPS.Integration.Containers.EngineFixture.Streams();
        await store.Engine.StartAttachedAsync(writer.Id, streams.Attachment, s_token);
        Assert.Contains("written\n", streams.Out);
        Assert.DoesNotContain("written", (await store.ShellAsync("ls /image/data", Mount(image))).Out);
        await store.RemoveAsync(writer);
        Assert.Equal("VolumeMountFailed", (await Assert.ThrowsAsync<ContainerRuntimeException>(() => store.ShellAsync("true", Mount(image + ",image-subpath=none")))).ErrorId);
        Assert.Equal("ImageNotFound", (await Assert.ThrowsAsync<DockerNotFoundException>(() => store.ShellAsync("true", Mount("type=image,source=none:1,target=/x")))).ErrorId);
    }

    private async Task<ContainerVolume> VolumeAsync(string name) =>
        Assert.Single(await store.Engine.GetVolumesAsync(new VolumeFilter { Names = [name] }, s_token));

    internal static unsafe string Attribute(string path, string name)
    {
        int file = Linux.LibC.Open(path, Linux.LibC.O_RDONLY);
        byte[] value = new byte[64];
        fixed (byte* key = System.Text.Encoding.ASCII.GetBytes(name + "\0"), buffer = value)
        {
            nint length = Linux.LibC.fgetxattr(file, key, buffer, (nuint)value.Length);
            Linux.LibC.Close(ref file);
            return length < 0 ? "" : System.Text.Encoding.ASCII.GetString(value, 0, (int)length);
        }
    }
}

file static class EngineExtensions
{
    public static Task<Container> CreateContainerAsync(this ContainerEngine engine, ContainerSpec spec, CancellationToken token, params string[] command) =>
        engine.CreateContainerAsync(spec with { Command = command }, token);
}
