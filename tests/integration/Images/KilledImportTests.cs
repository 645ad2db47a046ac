using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using DockerPS.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>A process that imports is killed in the middle: the store stays whole and the next import succeeds.</summary>
public sealed class KilledImportTests : IDisposable
{
    private const int Layers = 4, Rounds = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-killed-").FullName;
    private string Root => Path.Combine(_directory, "root");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_killed_import_leaves_a_whole_store()
    {
        string runtime = RuntimeExecutable.Path;
        string shell = Repository("src", "DockerPS.Shell", "bin", "Debug", "net10.0", "DockerPS.Shell.dll");
        Assert.SkipUnless(File.Exists(shell), "SKIPPED: the process to kill is the Shell of this repository: build it (dotnet build).");
        string archive = Path.Combine(_directory, "image.tar");
        WriteArchive(archive);
        var moments = new RandomMoments();
        for (int round = 0; round < Rounds; round++)
        {
            await KillImportAsync(shell, archive, moments);
            using (ContainerEngine engine = Open(runtime))
            {
                // The store opens when it is first asked.
                Assert.True(engine.GetImages(new ImageFilter()).Count <= 1);
                AssertWhole();
                IReadOnlyList<ContainerImage> images =
                    await engine.ImportImagesAsync(new ImageImport { Path = archive }, null, TestContext.Current.CancellationToken);
                Assert.Equal("killed:1", Assert.Single(images).Reference);
                AssertWhole();
                Assert.Equal(Layers + 1, Directory.GetFileSystemEntries(Path.Combine(Root, "layers")).Length);
                engine.RemoveImage("killed:1", force: false);
            }

            Assert.Empty(Directory.GetFiles(Path.Combine(Root, "content", "blobs", "sha256")));
        }
    }

    /// <summary>Kills it some milliseconds after its session's directory appeared, which is when it begins to write.</summary>
    private async Task KillImportAsync(string shell, string archive, RandomMoments moments)
    {
        string ingest = Path.Combine(Root, "content", "ingest");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[shell, "-Command", $"Import-Module '{Repository("module", "DockerPS")}'; Import-ContainerImage -Path '{archive}'"])
            start.ArgumentList.Add(argument);
        start.Environment["DOCKERPS_ROOT"] = Root;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        try
        {
            while (!Directory.Exists(ingest) || Directory.GetDirectories(ingest).Length == 0)
            {
                Assert.False(process.HasExited || Environment.TickCount64 > end, "The import did not begin.");
                await Task.Delay(1);
            }

            await moments.WaitAsync(400);
        }
        finally
        {
            // Only itself: its children notice that nobody reads them any more.
            process.Kill();
            await process.WaitForExitAsync();
        }

        // The children hold the streams: they have ended when these have.
        await Task.WhenAll(output, errors).WaitAsync(Patience);
    }

    private void AssertWhole()
    {
        string content = Path.Combine(Root, "content");
        foreach (string blob in Directory.GetFiles(Path.Combine(content, "blobs", "sha256")))
        {
            using FileStream file = File.OpenRead(blob);
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(SHA256.HashData(file)));
        }

        Assert.True(File.Exists(Path.Combine(content, "oci-layout")) && File.Exists(Path.Combine(content, "index.json")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(content, "ingest")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Root, "layers", ".tmp")));
        foreach (string layer in Directory.GetDirectories(Path.Combine(Root, "layers")).Where(d => !d.EndsWith(".tmp", StringComparison.Ordinal)))
            Assert.True(File.Exists(Path.Combine(layer, "size")), $"{layer} is not whole.");
    }

    private ContainerEngine Open(string runtime) => ContainerEngine.Open(
        new EngineOptions { Root = Root, RunRoot = Path.Combine(_directory, "run"), RuntimePath = runtime }, NullLoggerFactory.Instance);

    /// <summary>An archive as docker save makes it, with layers of large and of many small files.</summary>
    private static void WriteArchive(string path)
    {
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        var digests = new List<string>();
        for (int layer = 0; layer < Layers; layer++)
        {
            using var bytes = new MemoryStream();
            using (var inner = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            {
                Add(inner, $"large{layer}", new byte[(8 << 20) + layer]);
                for (int i = 0; i < 1000; i++) Add(inner, $"directory{layer}/file{i}", Encoding.ASCII.GetBytes($"{layer} {i}"));
            }

            digests.Add(Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())));
            Add(tar, $"layer{layer}.tar", bytes.ToArray());
        }

        string diffIds = string.Join(',', digests.Select(d => $"\"sha256:{d}\""));
        string layers = string.Join(',', digests.Select((_, i) => $"\"layer{i}.tar\""));
        Add(tar, "config.json", Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}"""));
        Add(tar, "manifest.json", Encoding.UTF8.GetBytes($$"""[{"Config":"config.json","RepoTags":["killed:1"],"Layers":[{{layers}}]}]"""));
    }

    private static void Add(TarWriter tar, string name, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content });
    }

    private static string Repository(params ReadOnlySpan<string> parts)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DockerPS.sln"))) directory = directory.Parent;
        return Path.Combine([directory?.FullName ?? "", .. parts]);
    }
}
