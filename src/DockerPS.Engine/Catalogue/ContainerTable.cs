namespace DockerPS.Engine.Catalogue;

/// <summary>Rows of containers.</summary>
internal static class ContainerTable
{
    public const string Schema = """
        CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            image TEXT NOT NULL,
            image_id TEXT NOT NULL,
            created INTEGER NOT NULL,
            state TEXT NOT NULL,
            started INTEGER,
            finished INTEGER,
            exit_code INTEGER,
            oom_killed INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            auto_remove INTEGER NOT NULL DEFAULT 0,
            spec TEXT NOT NULL
        ) STRICT;
        CREATE INDEX containers_created ON containers (created DESC);
        CREATE INDEX containers_image ON containers (image_id);
        """;
}
