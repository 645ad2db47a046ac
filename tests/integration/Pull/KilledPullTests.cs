using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DockerPS.Engine;
using DockerPS.Integration.Registry;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Integration.Pull;

/// <summary>
/// A process that pulls, imports, removes and prunes images is killed at any moment, again and again: the store stays whole, what it shows is all
/// there, and the next one goes on. DOCKERPS_TEST_KILLS says how often.
/// </summary>
public sealed class KilledPullTests(RegistryFixture registries) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int FewKills = 10;
    private const double LongestLife = 1500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly PullStore _store = new(registries);
    private readonly RemoteImage _remote = new(registries.Plain, "killed/app");

    private readonly Dictionary<string, string> _content = [];

    public void Dispose()
    {
        _remote.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task Killed_at_any_moment_it_leaves_a_whole_store()
    {
        string shell = Repository("src", "DockerPS.Shell", "bin", "Debug", "net10.0", "DockerPS.Shell.dll");
        Assert.SkipUnless(File.Exists(shell), "SKIPPED: the process to kill is the Shell of this repository: build it (dotnet build).");
        string archive = await MakeAsync();
        int kills = int.TryParse(Environment.GetEnvironmentVariable("DOCKERPS_TEST_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : FewKills;
        var moments = new RandomMoments();
        for (int round = 0; round < kills; round++)
        {
            await KillAsync(shell, archive, moments);
            await CheckAsync(round);
        }

        foreach (ContainerImage image in _store.Engine.GetImages(new ImageFilter()).DistinctBy(image => image.Id)) _store.Engine.RemoveImage(image.Id, force: true);
        _store.Engine.DropInterruptedPulls();
        Assert.Empty(_store.Blobs);
        Assert.Empty(_store.Layers);
        Assert.Empty(Directory.GetFiles(Path.Combine(_store.Content, "partial")));
    }

    /// <summary>Two images with a layer in common in the registry and one in an archive; remembers how their layers look.</summary>
    private async Task<string> MakeAsync()
    {
        for (int i = 0; i < 3; i++)
            await _remote.AddLayerAsync((Compression)i, null, [($"large{i}", RemoteImage.Noise(i, 6_000_000)), .. RemoteImage.Files($"d{i}", 400)]);
        await _remote.PutAsync("1");
        await _remote.AddLayerAsync(Compression.Gzip, null, RemoteImage.Files("e", 500));
        await _remote.PutAsync("2");
        await _store.PullAsync(_remote.Name("1"));
        await _store.PullAsync(_remote.Name("2"));
        string archive = Path.Combine(Path.GetDirectoryName(_store.Options.Root)!, "saved.tar");
        Layers.LayerVerb.Shell($"skopeo copy -q --src-tls-verify=false docker://{_remote.Name("2")} oci-archive:{archive}:saved:1");
        await _store.Engine.ImportImagesAsync(new ImageImport { Path = archive }, null, TestContext.Current.CancellationToken);
        foreach (string layer in _store.Layers) _content[layer] = ContentOf(layer);
        return archive;
    }

    /// <summary>Lets it work for a random while from its first change of the store on.</summary>
    private async Task KillAsync(string shell, string archive, RandomMoments moments)
    {
        string script = $$"""
            Import-Module '{{Repository("module", "DockerPS")}}'
            $work = {
                { Request-ContainerImage '{{_remote.Name("1")}}' }, { Request-ContainerImage '{{_remote.Name("2")}}' }, { Import-ContainerImage -Path '{{archive}}' },
                { Remove-ContainerImage '{{_remote.Name("1")}}' -Force }, { Remove-ContainerImage '{{_remote.Name("2")}}' -Force }, { Remove-ContainerImage saved:1 -Force },
                { Clear-ContainerImage -Unused -Confirm:$false }, { Remove-ContainerImageTag saved:1; Clear-ContainerImage -Confirm:$false }
            }.Invoke()
            while ($true) {
                foreach ($made in & $work[[Random]::Shared.Next($work.Count)] 2>&1) {
                    if ($made -isnot [System.Management.Automation.ErrorRecord] -or $made.FullyQualifiedErrorId -like 'ImageNotFound*') { continue }
                    [Console]::Error.WriteLine("$($made.FullyQualifiedErrorId): $made")
                }
            }
            """;
        var start = new ProcessStartInfo("dotnet", [shell, "-Command", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOCKERPS_ROOT"] = _store.Options.Root;
        string ingest = Path.Combine(_store.Content, "ingest");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Directory.GetDirectories(ingest).Length == 0;)
            {
                Assert.False(process.HasExited || Environment.TickCount64 > end, "It did not begin.");
                await Task.Delay(1);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(moments.NextEven(LongestLife)));
        }
        finally
        {
            // Only itself: its children notice that nobody reads them any more.
            process.Kill();
            await process.WaitForExitAsync();
        }

        // The children hold the streams: they have ended when these have.
        await Task.WhenAll(output, errors).WaitAsync(Patience);
        Assert.Equal("", await errors);
    }

    private async Task CheckAsync(int round)
    {
        // A new session cleans up what the killed one left.
        using ContainerEngine engine = _store.Open();
        IReadOnlyList<ContainerImage> images = engine.GetImages(new ImageFilter());
        _store.AssertWhole();
        foreach (string layer in _store.Layers) Assert.Equal(_content[layer], ContentOf(layer));
        ContainerImageCheck[] checks = [.. await engine.TestImagesAsync(new ImageCheckRequest(), null, TestContext.Current.CancellationToken)];
        Assert.Equal(images.Select(image => image.Id).Distinct().Count(), checks.Length);
        Assert.All(checks, check => Assert.Empty(check.Problems));
        if (round % 5 != 4) return;
        await _store.PullAsync(_remote.Name("2"), engine: engine);
        _store.AssertWhole();
    }

    private static string ContentOf(string layer)
    {
        var text = new StringBuilder();
        foreach (string file in Directory.GetFiles(layer, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{file[layer.Length..]} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}\n");
        return text.ToString();
    }

    private static string Repository(params ReadOnlySpan<string> parts)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DockerPS.sln"))) directory = directory.Parent;
        return Path.Combine([directory?.FullName ?? "", .. parts]);
    }
}
