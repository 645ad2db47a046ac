using System.Text.Json;
using DockerPS.Engine;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Comparison;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>What images share, which may go, what would be free, and records of mounts.</summary>
public sealed class StoreUsageTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Sizes_are_told_apart_by_what_other_images_have()
    {
        string lower = Put("lower", ["a"], ("c1", 100)), upper = Put("upper", ["b"], ("c1", 100), ("c2", 20));
        ContainerImage image = Assert.Single(_fixture.Store.Present(new ImageFilter { Names = ["b"] }));
        Assert.Equal((120, 100, 20), (image.Size, image.SharedSize, image.UniqueSize));
        Assert.Equal((20, "sha256:" + Hex("c2")), (image.Layers[1].Size, image.Layers[1].ChainId));
        Assert.True(image.Layers[1].Equals((object)image.Layers[1].DiffId));
        Assert.NotEqual(lower, upper);
    }

    [Fact]
    public void Filters_choose_by_label_time_and_name()
    {
        Put("old", ["old:1"], created: 1, labels: new() { ["stage"] = "test" });
        Put("new", ["new:1"], created: 9, labels: new() { ["stage"] = "live" });
        Put("none", [], created: 5);
        string[] Found(ImageFilter filter) => [.. _fixture.Store.Present(filter).Select(image => image.Repository)];
        Assert.Equal(["new", "old"], Found(new ImageFilter { Labels = ["stage"] }));
        Assert.Equal(["old"], Found(new ImageFilter { Labels = ["stage=test"] }));
        Assert.Equal(["old"], Found(new ImageFilter { Before = Time(5) }));
        Assert.Equal(["new"], Found(new ImageFilter { Since = Time(5) }));
        Assert.Equal(["<none>"], Found(new ImageFilter { Dangling = true }));
        Assert.Equal(["old"], Found(new ImageFilter { Names = ["o*"] }));
        Assert.Equal(["new", "old"], Found(new ImageFilter { Names = ["[n-o][el]*"] }));
        Assert.Equal(["old"], Found(new ImageFilter { Names = ["old:[0-9]"] }));
    }

    [Fact]
    public void An_address_in_brackets_is_no_set_of_characters()
    {
        Put("old", ["[::1]:5000/old:1"], created: 1);
        Put("new", ["1:1"], created: 9);
        string[] Found(string name) => [.. _fixture.Store.Present(new ImageFilter { Names = [name] }).Select(image => image.Reference!)];
        Assert.Equal(["[::1]:5000/old:1"], Found("[::1]:5000/old:1"));
        Assert.Equal(["[::1]:5000/old:1"], Found("[::1]:5000/*"));
    }

    [Fact]
    public void What_may_go_is_counted_once_and_not_what_somebody_uses()
    {
        string used = Put("used", ["used:1"], ("c1", 100));
        _fixture.Use(used, "container");
        string first = Put("first", [], ("c1", 100), ("c2", 20)), second = Put("second", ["second:1"], 2, null, ("c1", 100), ("c2", 20), ("c3", 3));
        Assert.Equal([first], _fixture.Store.Prunable(new ImagePrune()).Select(image => image.Id));
        IReadOnlyList<PrunableImage> all = _fixture.Store.Prunable(new ImagePrune { Unused = true });
        Assert.Equal([first, second], all.Select(image => image.Id));
        // The layer that both have is free with the second.
        Assert.True(all[0].Size < 20 + 3000 && all[1].Size >= 23);
        long expected = all.Sum(image => image.Size), before = _fixture.Store.Usage().Size;
        Assert.Equal(expected, _fixture.Store.Usage().Reclaimable);
        Assert.Equal(2, _fixture.Store.Prune([.. all.Select(image => image.Id)], unused: true).Count);
        Assert.Equal(before - expected, _fixture.Store.Usage().Size);
        Assert.Equal(used, Assert.Single(_fixture.Store.Present(new ImageFilter())).Id);
    }

    [Fact]
    public void An_image_that_somebody_took_meanwhile_is_not_pruned()
    {
        string id = Put("taken", []), named = Put("named", []);
        IReadOnlyList<PrunableImage> prunable = _fixture.Store.Prunable(new ImagePrune());
        Assert.Equal(2, prunable.Count);
        _fixture.Use(id, "container");
        _fixture.Store.AddTag(named, "name:1");
        Assert.Empty(_fixture.Store.Prune([.. prunable.Select(image => image.Id)], unused: false));
        Assert.Equal(2, _fixture.Store.Present(new ImageFilter()).Count);
    }

    [Fact]
    public void A_prune_beside_a_session_takes_nothing_from_it()
    {
        string id = Put("image", []);
        using (StoreSession session = _fixture.Store.OpenSession())
        {
            _fixture.Store.Blobs.Put(session, "just added"u8);
            _fixture.Store.Prune([id], unused: false);
            Assert.True(_fixture.Store.Blobs.Has(Digest.Of("just added"u8)));
        }

        Assert.Equal(1, _fixture.Store.Unreferenced(withPulls: true).Items - Unremoved());
        _fixture.Store.CollectGarbage();
        Assert.Equal(new UnreferencedContent(0, 0), _fixture.Store.Unreferenced(withPulls: true));

        // Manifest and config of the image, which the session kept.
        static int Unremoved() => 2;
    }

    [Fact]
    public void An_image_that_has_another_ones_manifest_among_its_content_takes_nothing_from_that()
    {
        string victim = Put("victim", ["victim:1"], 1, null, ("c1", 100));
        Directory.CreateDirectory(_fixture.Store.Layout.LayerDirectory("sha256:" + Hex("c1")));
        using (CatalogueDatabase.Lease lease = _fixture.Catalogue.Rent())
        {
            ImageRow row = ImageTable.ById(lease, victim)[0].Row;
            ImageTable.Put(lease, row with { Id = row.Manifest, Manifest = "sha256:" + Hex("other"), Layers = [], Created = Time(99) });
        }

        _fixture.Store.CollectGarbage();
        Assert.True(Directory.Exists(_fixture.Store.Layout.LayerDirectory("sha256:" + Hex("c1"))));
        Assert.True(_fixture.Store.Blobs.Has(Digest.Parse(victim)));
    }

    [Fact]
    public void A_record_of_a_mount_before_a_restart_or_that_was_taken_away_by_hand_is_dropped()
    {
        string id = Put("image", ["image:1"]);
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), space = new FileInfo("/proc/self/ns/mnt").LinkTarget!;
        string directory = Path.Combine(_fixture.Options.Root, "mounts");
        Directory.CreateDirectory(directory);
        foreach ((string name, string bootId) in (ReadOnlySpan<(string, string)>)[("before", "other"), ("gone", boot)])
        {
            File.WriteAllBytes(Path.Combine(directory, name + ".json"), JsonSerializer.SerializeToUtf8Bytes(
                new MountRecord
                {
                    Mount = new ContainerImageMount { Image = "image:1", ImageId = id, Path = Path.Combine(directory, "at-" + name), Mounted = DateTimeOffset.UnixEpoch },
                    Source = "dockerps-x", BootId = bootId, Namespace = space, MadeDirectory = true,
                },
                MountRecordJson.Default.MountRecord));
            Directory.CreateDirectory(Path.Combine(directory, "at-" + name));
        }

        Assert.Empty(_fixture.Store.Mounts.List());
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName));
        Assert.True(_fixture.Store.Remove("image:1", force: false)[^1].Deleted);
    }

    [Fact]
    public void Databases_of_packages_are_read()
    {
        string[] text =
        [
            "Package: libc6", "Status: install ok installed", "Architecture: amd64", "Version: 2.36-9", "Description: long", " more: text", "",
            "Package: libc6", "Status: install ok installed", "Architecture: i386", "Version: 2.36-8", "",
            "Package: gone", "Status: deinstall ok config-files", "Version: 1", "", "",
            "Package: distroless", "Version: 3", "", "C:Q1abc=", "P:musl", "V:1.2.4-r2", "A:x86_64", "",
        ];
        Assert.Equal(
            new Dictionary<string, string> { ["distroless"] = "3", ["libc6"] = "2.36-9", ["libc6:i386"] = "2.36-8", ["musl"] = "1.2.4-r2" },
            PackageDatabase.Read(text));
    }

    [Fact]
    public void A_config_is_one_fact_a_line()
    {
        var config = new ImageConfig
        {
            Os = "linux", Architecture = "amd64",
            Config = new ImageExecution { Cmd = ["sh", "-c", "a b"], Env = ["A=b=c"], Labels = new() { ["x"] = "y" } },
        };
        Assert.Equal(
            [("Platform", "linux/amd64"), ("Command", "sh -c \"a b\""), ("Environment.A", "b=c"), ("Label.x", "y")],
            ConfigFacts.Of(config).Select(fact => (fact.Key, fact.Value)));
    }

    private string Put(string text, string[] names, params (string Chain, long Size)[] layers) => Put(text, names, 1, null, layers);

    /// <summary>An image whose layers are only rows, with real blobs of config and manifest.</summary>
    private string Put(
        string text, string[] names, long created, Dictionary<string, string>? labels = null, params (string Chain, long Size)[] layers)
    {
        string id = _fixture.Add(text, names);
        using CatalogueDatabase.Lease lease = _fixture.Catalogue.Rent();
        ImageRow row = ImageTable.ById(lease, id)[0].Row with
        {
            Created = Time(created),
            Size = layers.Sum(layer => layer.Size),
            Layers = [.. layers.Select(l => new ImageLayer("sha256:" + Hex("d" + l.Chain), "sha256:" + Hex(l.Chain), "sha256:" + Hex("b" + l.Chain), l.Size))],
        };
        ImageTable.Put(lease, row);
        lease.Execute("UPDATE images SET created = $created, config = $config WHERE id = $id", ("$created", Time(created).UtcTicks), ("$id", id),
            ("$config", JsonSerializer.Serialize(new ContainerImageConfiguration { Labels = labels ?? [] }, ImageRowJson.Default.ContainerImageConfiguration)));
        return id;
    }

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static string Hex(string text) => Digest.Of(System.Text.Encoding.ASCII.GetBytes(text)).Hex;
}
