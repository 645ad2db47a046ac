using DockerPS.Engine.Catalogue;
using DockerPS.Oci.ImageSpec;
using Microsoft.Data.Sqlite;
using Xunit;

namespace DockerPS.Units.Catalogue;

/// <summary>Catalogues of earlier versions are taken over with all that is in them.</summary>
public sealed class MigrationTests : IDisposable
{
    /// <summary>Schema and rows as version 1 wrote them.</summary>
    private const string Version1 = """
        CREATE TABLE containers (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, image TEXT NOT NULL, image_id TEXT NOT NULL, created INTEGER NOT NULL, state TEXT NOT NULL,
            started INTEGER, finished INTEGER, exit_code INTEGER, oom_killed INTEGER NOT NULL DEFAULT 0, error TEXT,
            auto_remove INTEGER NOT NULL DEFAULT 0, spec TEXT NOT NULL
        ) STRICT;
        CREATE INDEX containers_created ON containers (created DESC);
        CREATE INDEX containers_image ON containers (image_id);
        CREATE INDEX containers_state ON containers (state) WHERE state = 'running';
        CREATE TABLE images (
            id TEXT PRIMARY KEY, manifest TEXT NOT NULL, manifest_size INTEGER NOT NULL, created INTEGER NOT NULL, size INTEGER NOT NULL,
            platform TEXT NOT NULL, layers TEXT NOT NULL, config TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE tags (reference TEXT PRIMARY KEY, image_id TEXT NOT NULL REFERENCES images (id)) STRICT;
        CREATE INDEX tags_image ON tags (image_id);
        INSERT INTO images VALUES ('sha256:1', 'sha256:m', 7, 0, 9, 'linux/amd64', '[]', '{}', 0);
        INSERT INTO tags VALUES ('app:1', 'sha256:1');
        PRAGMA user_version=1;
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-migration-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "catalogue.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Version_1_becomes_the_present_one_once_and_keeps_its_images()
    {
        Write(Version1);
        Parallel.For(0, 8, _ => CatalogueDatabase.Open(Path).Dispose());
        using CatalogueDatabase catalogue = CatalogueDatabase.Open(Path);
        using CatalogueDatabase.Lease lease = catalogue.Rent();
        Assert.Equal(CatalogueDatabase.Version, lease.Scalar("PRAGMA user_version"));
        NamedImage image = Assert.Single(ImageTable.All(lease));
        Assert.Equal(("app:1", "sha256:m", MediaTypes.Manifest), (image.Reference, image.ToImage().Digest, image.Row.ManifestType));

        RepositoryDigestTable.Put(lease, "app", "sha256:index", "sha256:m", "sha256:1");
        Assert.Equal("sha256:index", Assert.Single(ImageTable.All(lease)).ToImage().Digest);
    }

    [Fact]
    public void Version_3_gets_volumes_and_keeps_its_containers()
    {
        Write(Version1 + """
            ALTER TABLE images ADD COLUMN manifest_type TEXT NOT NULL DEFAULT '';
            """ + RepositoryDigestTable.Schema + NetworkTable.Schema + """
            INSERT INTO containers (id, name, image, image_id, created, state, spec)
            VALUES ('c', 'old', 'app:1', 'sha256:1', 0, 'exited', '{"image":"app:1","entrypoint":[],"command":["sh"],"environment":[],"groupAdd":[],"labels":{},
                "mounts":[{"type":0,"source":"/a","target":"/b","readOnly":false,"options":[]}],"devices":[],"ulimits":[],"sysctls":{},"capAdd":[],"capDrop":[],
                "securityOptions":[],"network":"none","deviceCgroupRules":[],"annotations":{}}');
            PRAGMA user_version=3;
            """);
        Parallel.For(0, 8, _ => CatalogueDatabase.Open(Path).Dispose());
        using CatalogueDatabase catalogue = CatalogueDatabase.Open(Path);
        ContainerRow container = Assert.Single(ContainerTable.All(catalogue));
        Assert.Equal(("/b", null), (container.Spec.Mounts[0].Target, container.Spec.Mounts[0].VolumeOptions));
        using CatalogueDatabase.Lease lease = catalogue.Rent();
        Assert.Equal(CatalogueDatabase.Version, lease.Scalar("PRAGMA user_version"));
        Assert.True(VolumeTable.TryInsert(lease, new VolumeRow { Name = "data", Created = DateTimeOffset.UtcNow }));
        VolumeTable.Use(lease, "data", "c", named: true);
        Assert.False(VolumeTable.TryDelete(lease, "data"));
    }

    [Fact]
    public void Version_4_keeps_what_uses_of_volumes_meant()
    {
        Write(Version1 + """
            ALTER TABLE images ADD COLUMN manifest_type TEXT NOT NULL DEFAULT '';
            """ + RepositoryDigestTable.Schema + NetworkTable.Schema + VolumeTable.Schema + """
            INSERT INTO containers (id, name, image, image_id, created, state, spec) VALUES ('c', 'old', 'app:1', 'sha256:1', 0, 'exited', '{}');
            INSERT INTO volumes VALUES ('own', 0, 1, '{}', '{}');
            INSERT INTO volume_uses VALUES ('own', 'c');
            PRAGMA user_version=4;
            """);
        using CatalogueDatabase catalogue = CatalogueDatabase.Open(Path);
        using CatalogueDatabase.Lease lease = catalogue.Rent();
        Assert.Equal(["own"], VolumeTable.OwnOf(lease, "c"));
    }

    [Fact]
    public void A_newer_version_is_left_alone()
    {
        Write("PRAGMA user_version=99;");
        Assert.Equal("CatalogueTooNew", Assert.Throws<DockerEnvironmentException>(() => CatalogueDatabase.Open(Path)).ErrorId);
    }

    private void Write(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
