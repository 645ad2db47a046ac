namespace DockerPS.Engine.Catalogue;

/// <summary>Rows of images, their names and layers.</summary>
internal static class ImageTable
{
    public const string Schema = """
        CREATE TABLE images (
            id TEXT PRIMARY KEY,
            manifest TEXT NOT NULL,
            created INTEGER NOT NULL,
            size INTEGER NOT NULL,
            platform TEXT NOT NULL,
            layers TEXT NOT NULL,
            config TEXT NOT NULL
        ) STRICT;
        CREATE TABLE tags (
            reference TEXT PRIMARY KEY,
            image_id TEXT NOT NULL REFERENCES images (id)
        ) STRICT;
        CREATE TABLE layers (
            chain_id TEXT PRIMARY KEY,
            diff_id TEXT NOT NULL,
            size INTEGER NOT NULL
        ) STRICT;
        """;
}
