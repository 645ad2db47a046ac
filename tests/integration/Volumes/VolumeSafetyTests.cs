using System.Diagnostics;
using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Volumes;

/// <summary>Many at once, killed processes and full disks.</summary>
public sealed class VolumeSafetyTests(VolumeFixture store) : IClassFixture<VolumeFixture>
{
    private static readonly CancellationToken s_token = CancellationToken.None;

    [Fact]
    public async Task Twenty_containers_that_start_at_once_on_a_new_volume_all_see_the_whole_of_it()
    {
        _ = store.Engine;
        Task<(int ExitCode, string Out, string Error)>[] runs =
            [.. Enumerable.Range(0, 20).Select(i => store.ShellAsync($"ls /data/many | wc -l; touch /data/mark{i}", ContainerMount.Parse("crowd:/data")))];
        foreach ((int code, string text, string error) in await Task.WhenAll(runs)) Assert.Equal((0, "400\n", ""), (code, text, error));
        Assert.Equal(20, Directory.EnumerateFiles(store.Data("crowd"), "mark*").Count());
    }

    [Fact]
    public async Task A_supervisor_killed_while_it_fills_a_volume_leaves_nothing_half_and_no_mount()
    {
        for (int round = 0; round < 12; round++)
        {
            string volume = "killed" + round;
            Container container = await store.CreateAsync("ls /data/many | wc -l", ContainerMount.Parse($"{volume}:/data"));
            string directory = Path.Combine(store.Root, "containers", container.Id);
            Task<Container> start = Task.Run(() => store.Engine.StartContainerAsync(container.Id, s_token));
            int victim = await SupervisorAsync(container.Id);
            if (victim > 0)
            {
                Thread.SpinWait(round * 20_000);
                Kill(victim);
            }

            try
            {
                await start;
            }
            catch (ContainerRuntimeException)
            {
                // As it was killed.
            }

            await store.RemoveAsync(container);
            Assert.Equal("400\n", (await store.ShellAsync("ls /data/many | wc -l", ContainerMount.Parse($"{volume}:/data"))).Out);
            Assert.Equal(["_data", "lock"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(store.Data(volume))!).Select(Path.GetFileName).Order());
            Assert.Equal(0, store.MountsOnHost());
        }
    }

    [Fact]
    public async Task What_a_killed_session_left_goes_with_the_next_opening()
    {
        _ = store.Engine;
        string volumes = Path.Combine(store.Root, "volumes");
        await store.ShellAsync("true", ContainerMount.Parse("stays:/data"));
        foreach (string left in (string[])["norow/_data/x", ".new/half/x", ".removed/old/x", "lost+found/x", "notes/x"]) Directory.CreateDirectory(Path.Combine(volumes, left));
        // One that is being made has its maker's lock beside it.
        Directory.CreateDirectory(Path.Combine(volumes, ".new/made/x"));
        using (new FileStream(Path.Combine(volumes, ".new/made.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            using ContainerEngine next = store.Open();
            next.GetVolumeNames();
            Assert.False(Directory.Exists(Path.Combine(volumes, "norow")));
            // What was never a volume is somebody else's.
            foreach (string other in (string[])["lost+found/x", "notes/x"]) Assert.True(Directory.Exists(Path.Combine(volumes, other)));
            Assert.Equal(["made", "made.lock"], Directory.EnumerateFileSystemEntries(Path.Combine(volumes, ".new")).Select(Path.GetFileName).Order());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(volumes, ".removed")));
            Assert.True(File.Exists(Path.Combine(store.Data("stays"), "file")));
        }

        foreach (string other in (string[])["lost+found", "notes"]) Directory.Delete(Path.Combine(volumes, other), recursive: true);
        using ContainerEngine last = store.Open();
        last.GetVolumeNames();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(volumes, ".new")));
    }

    [Fact]
    public async Task A_full_disk_while_a_volume_is_filled_is_a_clear_error_and_leaves_nothing()
    {
        _ = RuntimeExecutable.Path;
        string root = Directory.CreateTempSubdirectory("dockerps-full-").FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=15m", "tmpfs", root);
        try
        {
            using ContainerEngine engine = ContainerEngine.Open(
                new EngineOptions { Root = root, RunRoot = root + "/run", RuntimePath = RuntimeExecutable.Path }, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
            string archive = Path.GetTempFileName();
            VolumeFixture.WriteImage(archive, files: 4, size: 1 << 20);
            await engine.ImportImagesAsync(new ImageImport { Path = archive, Name = "full:1" }, null, s_token);
            File.Delete(archive);
            Container container = await engine.CreateContainerAsync(
                new ContainerSpec { Image = "full:1", Command = ["true"], Mounts = [ContainerMount.Parse("full:/data")] }, s_token);
            ContainerRuntimeException error = await Assert.ThrowsAsync<ContainerRuntimeException>(() => engine.StartContainerAsync(container.Id, s_token));
            Assert.Equal(("VolumeFull", 28), (error.ErrorId, error.Errno));
            Assert.Contains("'full'", error.Message);
            Assert.Equal(["_data", "lock"], Directory.EnumerateFileSystemEntries(Path.Combine(root, "volumes/full")).Select(Path.GetFileName).Order());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(root, "volumes/full/_data")));
            await engine.RemoveContainerAsync(container.Id, force: true, s_token);
        }
        finally
        {
            Run("umount", "-l", root);
            Directory.Delete(root);
        }
    }

    [Fact]
    public void A_name_made_and_removed_by_many_sessions_at_once_stays_one_thing()
    {
        _ = store.Engine;
        var none = new Dictionary<string, string>();
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            using ContainerEngine engine = store.Open();
            engine.CreateVolume("contested", none, none);
            try
            {
                engine.RemoveVolume("contested");
            }
            catch (DockerNotFoundException)
            {
                // Another was faster.
            }
        });
        store.Engine.CreateVolume("contested", none, none);
        Assert.True(Directory.Exists(store.Data("contested")));
        store.Engine.RemoveVolume("contested");
        Assert.False(Directory.Exists(store.Data("contested")));
    }

    private async Task<int> SupervisorAsync(string id)
    {
        string state = Path.Combine(store.Root, "containers", id, "state.json");
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 5000;)
        {
            try
            {
                using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(state, s_token));
                return json.RootElement.GetProperty("supervisor").GetProperty("pid").GetInt32();
            }
            catch (Exception e) when (e is IOException or System.Text.Json.JsonException)
            {
                await Task.Yield();
            }
        }

        return 0;
    }

    private static void Kill(int pid)
    {
        try
        {
            Process.GetProcessById(pid).Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
