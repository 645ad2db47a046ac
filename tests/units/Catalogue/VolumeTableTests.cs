using DockerPS.Engine.Catalogue;
using Microsoft.Data.Sqlite;
using Xunit;

namespace DockerPS.Units.Catalogue;

/// <summary>The catalogue itself keeps a volume in use.</summary>
public sealed class VolumeTableTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-volumes-").FullName;
    private readonly CatalogueDatabase _catalogue;

    public VolumeTableTests()
    {
        _catalogue = CatalogueDatabase.Open(Path.Combine(_directory, "catalogue.db"));
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        foreach (string id in (string[])["c1", "c2"])
            lease.Execute("INSERT INTO containers (id, name, image, image_id, created, state, spec) VALUES ($id, $id, 'i', 'i', 0, 'created', '{}')", ("$id", id));
        foreach (bool anonymous in (bool[])[false, true])
        {
            Assert.True(VolumeTable.TryInsert(lease, new VolumeRow
            {
                Name = anonymous ? "anon" : "named", Created = DateTimeOffset.UnixEpoch, Anonymous = anonymous,
                Labels = new Dictionary<string, string> { ["a"] = "b" }, Options = new Dictionary<string, string> { ["type"] = "tmpfs" },
            }));
            VolumeTable.Use(lease, anonymous ? "anon" : "named", "c1", named: !anonymous);
        }
    }

    public void Dispose()
    {
        _catalogue.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Rows_come_back_as_they_went_and_a_name_is_taken_once()
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        VolumeRow row = VolumeTable.ByName(lease, "named")!;
        Assert.Equal(("b", "tmpfs", false), (row.Labels["a"], row.Options["type"], row.Anonymous));
        Assert.False(VolumeTable.TryInsert(lease, row));
        Assert.Null(VolumeTable.ByName(lease, "other"));
        Assert.Equal(["c1"], VolumeTable.Users(lease)["named"]);
    }

    [Fact]
    public void A_volume_in_use_stays_whoever_deletes_and_a_use_goes_with_its_container()
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        Assert.False(VolumeTable.TryDelete(lease, "named"));
        Assert.Throws<SqliteException>(() => lease.Execute("DELETE FROM volumes WHERE name = 'named'"));
        lease.Execute("DELETE FROM containers WHERE id = 'c1'");
        Assert.True(VolumeTable.TryDelete(lease, "named"));
    }

    [Fact]
    public void A_containers_own_volumes_are_the_anonymous_ones_that_no_other_uses()
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        Assert.Equal(["anon"], VolumeTable.OwnOf(lease, "c1"));
        VolumeTable.Use(lease, "anon", "c2", named: false);
        Assert.Empty(VolumeTable.OwnOf(lease, "c1"));
    }

    [Fact]
    public void An_anonymous_volume_that_is_asked_for_by_name_does_not_go_with_who_asked()
    {
        using CatalogueDatabase.Lease lease = _catalogue.Rent();
        lease.Execute("DELETE FROM containers WHERE id = 'c1'");
        VolumeTable.Use(lease, "anon", "c2", named: true);
        VolumeTable.Use(lease, "anon", "c2", named: false);
        Assert.Empty(VolumeTable.OwnOf(lease, "c2"));
        Assert.Equal(["anon"], VolumeTable.NamedBy(lease, "c2"));
    }
}
