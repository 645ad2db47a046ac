using DockerPS.Engine;
using DockerPS.Integration.Layers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DockerPS.Integration.Images;

/// <summary>In what images differ, from real trees, and what the store takes.</summary>
public sealed class CompareImagesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-compare-").FullName;
    private readonly ContainerEngine _engine;

    public CompareImagesTests() => _engine = ContainerEngine.Open(
        new EngineOptions { Root = _directory + "/root", RunRoot = _directory + "/run", RuntimePath = RuntimeExecutable.Path }, NullLoggerFactory.Instance);

    public void Dispose()
    {
        _engine.Dispose();
        LayerVerb.Shell($"rm -rf {_directory}");
    }

    [Fact]
    public async Task Files_packages_and_settings_that_differ_are_told_and_times_are_not()
    {
        const string same = "mkdir -p etc var/lib/dpkg lib/apk/db; echo same > etc/same; echo x > etc/mode; ln -s a etc/link; mkdir gone; echo 1 > gone/one; ";
        await MakeAsync("one:1", same + "printf 'Package: bash\\nVersion: 5.1\\n\\nPackage: old\\nVersion: 1\\n' > var/lib/dpkg/status; printf 'P:musl\\nV:1\\n\\n' > lib/apk/db/installed; echo aaa > etc/content", "A=1");
        await MakeAsync("two:1", same + "printf 'Package: bash\\nVersion: 5.2\\n' > var/lib/dpkg/status; printf 'P:musl\\nV:1\\n\\n' > lib/apk/db/installed; echo bbb > etc/content; "
            + "touch -d 2001-01-01 etc/same; chmod 600 etc/mode; ln -sf b etc/link; rm -r gone; echo file > gone; mkdir -p new/deep; echo y > new/deep/y", "A=2", "B=1");
        Dictionary<string, ContainerImageDifference> found = (await CompareAsync("one:1", "two:1")).ToDictionary(d => d.Name);
        Assert.Equal(("1", "2"), (found["Environment.A"].Before, found["Environment.A"].After));
        Assert.Equal(ContainerChangeKind.Added, found["Environment.B"].Kind);
        Assert.Equal(("5.1", "5.2", ContainerImageDifferenceType.Package), (found["bash"].Before, found["bash"].After, found["bash"].Type));
        Assert.Equal(ContainerChangeKind.Deleted, found["old"].Kind);
        Assert.DoesNotContain("musl", found.Keys);
        Assert.DoesNotContain("/etc/same", found.Keys);
        Assert.Equal((ContainerChangeKind.Modified, false), (found["/etc/mode"].Kind, found["/etc/mode"].ContentChanged));
        Assert.True(found["/etc/content"].ContentChanged);
        Assert.Equal(("a", "b"), (((ContainerFile)found["/etc/link"].Before!).LinkTarget, ((ContainerFile)found["/etc/link"].After!).LinkTarget));
        Assert.Equal(ContainerFileType.File, ((ContainerFile)found["/gone"].After!).Type);
        Assert.Equal(ContainerChangeKind.Deleted, found["/gone/one"].Kind);
        Assert.Equal((ContainerChangeKind.Added, 2), (found["/new/deep/y"].Kind, found["/new/deep/y"].SizeChange));
        Assert.Empty(await CompareAsync("one:1", "one:1"));
        Assert.All(await CompareAsync("one:1", "two:1", ContainerImageDifferenceType.Config), d => Assert.Equal(ContainerImageDifferenceType.Config, d.Type));
    }

    [Fact]
    public async Task What_the_store_takes_is_what_is_on_the_disk_and_a_prune_frees_what_it_says()
    {
        await MakeAsync("one:1", "head -c 300000 /dev/urandom > a");
        await MakeAsync("two:1", "head -c 200000 /dev/urandom > b");
        ContainerStorageUsage images = (await _engine.MeasureStorageAsync(CancellationToken.None))[0];
        Assert.Equal((2, 0, images.Size), (images.Total, images.Active, images.Reclaimable));
        Assert.Equal(OnDisk(), images.Size);
        PrunableImage[] prunable = [.. _engine.GetPrunableImages(new ImagePrune { Unused = true })];
        long before = OnDisk();
        IReadOnlyList<ContainerImageRemoval> removed = _engine.PruneImages([prunable[0]], new ImagePrune { Unused = true });
        Assert.Equal(prunable[0].Size, removed[^1].Size);
        Assert.Equal(before - prunable[0].Size, OnDisk());
    }

    [Fact]
    public async Task An_export_is_whole_although_its_image_is_pruned_meanwhile()
    {
        await MakeAsync("big:1", "head -c 40000000 /dev/urandom > a");
        string id = _engine.GetImages(new ImageFilter())[0].Id, path = Path.Combine(_directory, "big.tar");
        bool pruned = false;
        var progress = new Reporting(() =>
        {
            if (pruned) return;
            pruned = true;
            using ContainerEngine other = ContainerEngine.Open(_engine.Options, NullLoggerFactory.Instance);
            Assert.NotEmpty(other.PruneImages(other.GetPrunableImages(new ImagePrune { Unused = true }), new ImagePrune { Unused = true }));
            other.RemoveUnreferencedContent();
        });
        await _engine.ExportImagesAsync(new ImageExport { Names = ["big:1"], Path = path }, progress, CancellationToken.None);
        Assert.True(pruned);
        Assert.Empty(_engine.GetImages(new ImageFilter()));
        Assert.Equal(id, Assert.Single(await _engine.ImportImagesAsync(new ImageImport { Path = path }, null, CancellationToken.None)).Id);
    }

    private long OnDisk() => long.Parse(
        LayerVerb.Shell($"cd {_directory}/root; find content/blobs layers -type f ! -name size -printf '%s\\n' | awk '{{s+=$1}} END {{print s}}'"),
        System.Globalization.CultureInfo.InvariantCulture);

    private async Task MakeAsync(string name, string script, params string[] environment)
    {
        string files = Path.Combine(_directory, "files");
        LayerVerb.Shell($"rm -rf {files}; mkdir {files}; cd {files}; {script}");
        await _engine.CreateImageAsync(new ImageRecipe { Name = name, Path = files, Config = new() { Environment = environment, Command = ["x"] } }, null, CancellationToken.None);
    }

    private async Task<List<ContainerImageDifference>> CompareAsync(string one, string other, params ContainerImageDifferenceType[] types)
    {
        var found = new List<ContainerImageDifference>();
        await _engine.CompareImagesAsync(one, other, types, found.AddRange, CancellationToken.None);
        return found;
    }

    private sealed class Reporting(Action action) : IProgress<EngineProgress>
    {
        public void Report(EngineProgress value) => action();
    }
}
