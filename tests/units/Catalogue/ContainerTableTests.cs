using System.Diagnostics;
using System.Globalization;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using Microsoft.Data.Sqlite;
using Xunit;

namespace DockerPS.Units.Catalogue;

public sealed class ContainerTableTests : IDisposable
{
    private const string ImageId = "sha256:1";
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-catalogue-").FullName;
    private readonly CatalogueDatabase _database;

    public ContainerTableTests()
    {
        _database = CatalogueDatabase.Open(PathOf());
        AddImage(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void A_specification_comes_back_as_it_was_stored()
    {
        var spec = new ContainerSpec
        {
            Image = "app",
            Name = "web",
            Entrypoint = ["/e"],
            Command = [],
            Environment = ["A=1"],
            Labels = new Dictionary<string, string> { ["k"] = "v" },
            Mounts = [new ContainerMount { Type = ContainerMountType.Tmpfs, Target = "/t", TmpfsSize = 5, Options = ["exec"] }],
            Devices = [new ContainerDevice { Source = "/dev/fuse", Target = "/dev/fuse", Permissions = "r" }],
            Ulimits = [new ContainerUlimit { Name = "nofile", Soft = 1, Hard = -1 }],
            Memory = 64 << 20,
            MemorySwap = -1,
            Cpus = 1.5m,
            StopTimeout = TimeSpan.FromSeconds(3),
            AutoRemove = true,
            Network = "host",
        };
        ContainerRow row = Row("web") with { Spec = spec };
        Assert.Equal(InsertResult.Inserted, ContainerTable.TryInsert(_database, row));
        ContainerRow read = ContainerTable.ById(_database, row.Id)!;
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(spec), System.Text.Json.JsonSerializer.Serialize(read.Spec));
        Assert.Equal((row.Name, row.Image, row.ImageId, row.Created, row.State), (read.Name, read.Image, read.ImageId, read.Created, read.State));
        Assert.NotNull(read.Spec.CapAdd);
    }

    [Fact]
    public void A_name_belongs_to_one_container()
    {
        ContainerRow first = Insert("web");
        ContainerRow second = Insert("other");
        Assert.Equal(InsertResult.NameTaken, ContainerTable.TryInsert(_database, Row("web")));
        Assert.False(ContainerTable.TryRename(_database, second.Id, "web", out bool found));
        Assert.True(found);
        Assert.True(ContainerTable.TryRename(_database, first.Id, "web2", out _));
        Assert.True(ContainerTable.TryRename(_database, second.Id, "web", out _));
        Assert.False(ContainerTable.TryRename(_database, new string('f', 64), "nobody", out found));
        Assert.False(found);
    }

    [Fact]
    public void No_container_is_made_of_an_image_that_is_gone() =>
        Assert.Equal(InsertResult.ImageGone, ContainerTable.TryInsert(_database, Row("web") with { ImageId = "sha256:2" }));

    [Fact]
    public void Ids_are_found_by_prefix_and_more_than_one_is_noticed()
    {
        ContainerRow one = Row("one") with { Id = "abc1" + new string('0', 60) };
        ContainerRow two = Row("two") with { Id = "abc2" + new string('0', 60) };
        ContainerTable.TryInsert(_database, one);
        ContainerTable.TryInsert(_database, two);
        Assert.Equal("one", Assert.Single(ContainerTable.ByPrefix(_database, "abc1")).Name);
        Assert.Equal(2, ContainerTable.ByPrefix(_database, "abc").Count);
        Assert.Empty(ContainerTable.ByPrefix(_database, "abd"));
    }

    [Fact]
    public void Transitions_are_recorded()
    {
        ContainerRow row = Insert("web");
        Assert.True(ContainerTable.SetStarting(_database, row.Id));
        Assert.Equal("web", Assert.Single(ContainerTable.Running(_database)).Name);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ContainerRow ended = row with { State = ContainerState.Exited, Started = now, Finished = now, ExitCode = 137, OomKilled = true, Error = "why" };
        Assert.True(ContainerTable.SetEnded(_database, ended));
        ContainerRow read = ContainerTable.ByName(_database, "web")!;
        Assert.Equal((ContainerState.Exited, now, now, 137, true, "why"), (read.State, read.Started, read.Finished, read.ExitCode, read.OomKilled, read.Error));
        Assert.Empty(ContainerTable.Running(_database));
        Assert.True(ContainerTable.Delete(_database, row.Id));
        Assert.False(ContainerTable.Delete(_database, row.Id));
        Assert.False(ContainerTable.SetStarting(_database, row.Id));
    }

    [Fact]
    public void Twenty_threads_on_two_catalogues_disturb_each_other_in_nothing()
    {
        using CatalogueDatabase other = CatalogueDatabase.Open(PathOf());
        int taken = 0;
        Parallel.For(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 20 }, n =>
        {
            CatalogueDatabase database = n % 2 == 0 ? _database : other;
            for (int i = 0; i < 10; i++)
            {
                ContainerRow row = Row(string.Create(CultureInfo.InvariantCulture, $"c{n}-{i}"));
                Assert.Equal(InsertResult.Inserted, ContainerTable.TryInsert(database, row));
                if (ContainerTable.TryInsert(database, Row($"shared-{i}")) == InsertResult.NameTaken) Interlocked.Increment(ref taken);
                Assert.True(ContainerTable.SetStarting(database, row.Id));
                Assert.True(ContainerTable.Delete(database, row.Id));
            }
        });
        Assert.Equal(190, taken);
        Assert.Equal(10, ContainerTable.Names(_database).Count);
    }

    [Fact]
    public void Two_sessions_may_make_the_catalogue_at_once()
    {
        string path = Path.Combine(_directory, "new.db");
        Parallel.For(0, 8, _ => CatalogueDatabase.Open(path).Dispose());
        using CatalogueDatabase database = CatalogueDatabase.Open(path);
        Assert.Empty(ContainerTable.All(database));
    }

    [Fact]
    public void A_newer_catalogue_is_refused_and_left_alone()
    {
        using (CatalogueDatabase.Lease lease = _database.Rent()) lease.Execute("PRAGMA user_version=999");
        Assert.Equal("CatalogueTooNew", Assert.Throws<DockerEnvironmentException>(() => CatalogueDatabase.Open(PathOf())).ErrorId);
    }

    [Fact]
    public void A_thousand_rows_are_read_quickly()
    {
        for (int i = 0; i < 1000; i++) Insert($"c{i}");
        ContainerTable.All(_database);
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(1000, ContainerTable.All(_database).Count);
        TimeSpan all = Stopwatch.GetElapsedTime(start);
        // The goal is 100 ms for the whole cmdlet on an idle machine; a busy one must not fail the test.
        Assert.True(all < TimeSpan.FromSeconds(1), $"{all.TotalMilliseconds} ms");
        TestContext.Current.SendDiagnosticMessage($"1000 rows: {all.TotalMilliseconds:0.0} ms");
    }

    /// <summary>A row of images with something in every column that asks for it, whatever the columns are.</summary>
    private static void AddImage(CatalogueDatabase database)
    {
        using CatalogueDatabase.Lease lease = database.Rent();
        var names = new List<string>();
        var values = new List<string>();
        using (SqliteCommand command = lease.Command("SELECT name, type FROM pragma_table_info('images') WHERE \"notnull\" OR pk"))
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                names.Add(reader.GetString(0));
                values.Add(reader.GetString(0) == "id" ? $"'{ImageId}'" : reader.GetString(1) == "INTEGER" ? "0" : "''");
            }
        }

        lease.Execute($"INSERT INTO images ({string.Join(',', names)}) VALUES ({string.Join(',', values)})");
    }

    private string PathOf() => Path.Combine(_directory, "catalogue.db");

    private ContainerRow Insert(string name)
    {
        ContainerRow row = Row(name);
        Assert.Equal(InsertResult.Inserted, ContainerTable.TryInsert(_database, row));
        return row;
    }

    private static ContainerRow Row(string name) => new()
    {
        Id = ContainerNames.NewId(),
        Name = name,
        Image = "app",
        ImageId = ImageId,
        Created = DateTimeOffset.UtcNow,
        State = ContainerState.Created,
        Spec = new ContainerSpec { Image = "app", Name = name, Environment = [ImageDefaults.Path], Entrypoint = [], Command = ["sh"] },
    };
}
