using System.Globalization;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Containers.UserNamespaces;
using Xunit;

namespace DockerPS.Units.Catalogue;

public sealed class IdRangeLeaseTests : IDisposable
{
    private static readonly SubordinateIds Bare = SubordinateIds.From([], []);
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-leases-").FullName;
    private readonly CatalogueDatabase _database;

    public IdRangeLeaseTests()
    {
        _database = CatalogueDatabase.Open(Path.Combine(_directory, "catalogue.db"));
        using CatalogueDatabase.Lease lease = _database.Rent();
        ImageTable.Put(lease, new ImageRow
        {
            Id = "sha256:1", Manifest = "sha256:m", ManifestSize = 1, Created = DateTimeOffset.UtcNow, Size = 1, Platform = "linux/amd64", Layers = [], Config = new(),
        });
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Sessions_that_make_containers_at_once_get_disjoint_ranges()
    {
        using CatalogueDatabase other = CatalogueDatabase.Open(Path.Combine(_directory, "catalogue.db"));
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 16 }, n =>
            Assert.Equal(InsertResult.Inserted, Insert(n % 2 == 0 ? _database : other, n).Result));
        ContainerIdMapping[] ranges = [.. ContainerTable.All(_database).Select(r => Assert.Single(r.Spec.UserNamespace!.UidMappings))];
        Assert.Equal(32, ranges.Length);
        Assert.All(ranges, r => Assert.Single(ranges, r.SharesHostIds));
    }

    [Fact]
    public void A_range_stays_and_is_free_again_when_its_container_is_removed()
    {
        ContainerRow first = Insert(_database, 1).Row;
        ContainerRow second = Insert(_database, 2).Row;
        Assert.Equal(Range(first), Range(ContainerTable.ById(_database, first.Id)!));
        ContainerTable.Delete(_database, first.Id);
        ContainerRow third = Insert(_database, 3).Row;
        Assert.Equal(Range(first), Range(third));
        Assert.NotEqual(Range(second), Range(third));
    }

    [Fact]
    public void A_failure_to_find_one_leaves_nothing_behind()
    {
        ContainerRow row = Row(1);
        SubordinateIds small = SubordinateIds.From(["containers:100000:10"], ["containers:100000:10"]);
        Assert.Throws<DockerEnvironmentException>(() => ContainerTable.TryInsert(
            _database, ref row, (spec, taken) => UserNamespacePlan.Complete(spec, taken, small, default)));
        Assert.Empty(ContainerTable.Ids(_database));
        Assert.Equal(InsertResult.Inserted, Insert(_database, 1).Result);
    }

    private static string Range(ContainerRow row) => Assert.Single(row.Spec.UserNamespace!.UidMappings).ToString();

    private static (InsertResult Result, ContainerRow Row) Insert(CatalogueDatabase database, int number)
    {
        ContainerRow row = Row(number);
        InsertResult result = ContainerTable.TryInsert(
            database, ref row, (spec, taken) => UserNamespacePlan.Complete(spec, taken, Bare, default));
        return (result, row);
    }

    private static ContainerRow Row(int number) => new()
    {
        Id = ContainerNames.NewId(),
        Name = "c" + number.ToString(CultureInfo.InvariantCulture),
        Image = "app",
        ImageId = "sha256:1",
        Created = DateTimeOffset.UtcNow,
        State = ContainerState.Created,
        Spec = new ContainerSpec { Image = "app", UserNamespace = ContainerUserNamespace.Parse("auto") },
    };
}
