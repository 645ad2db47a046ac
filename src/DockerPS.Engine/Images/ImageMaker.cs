using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Images.HostCommands;
using DockerPS.Engine.Store;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images;

/// <summary>
/// Makes an image of host commands, a directory or both. Nothing of the moment goes into it: the same files and the same recipe give the
/// same digest.
/// </summary>
internal sealed class ImageMaker(ImageStore store, EngineOptions options)
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "pwsh"];

    public async Task<NamedImage> MakeAsync(
        ImageRecipe recipe, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        ImageReference name = ImageStore.ParseName(recipe.Name);
        if (name.Digest is not null)
            throw new DockerArgumentException("InvalidReference", $"'{recipe.Name}' has a digest: a name that is given to an image has only a tag.", recipe.Name);
        ContainerImageConfiguration config = Configure(recipe);
        List<ArchiveEntry> entries = Collect(recipe);
        return await StoreChange.RunAsync(store, options, async session =>
        {
            string file = session.NewFile();
            string item = name.Familiar;
            ArchiveResult archive = await store.Runtime.ArchiveAsync(
                new ArchiveRequest { Output = file, Entries = entries },
                done => progress?.Report(new EngineProgress(item, "Packing", done, 0)), cancellationToken).ConfigureAwait(false);
            Digest diffId = Digest.Parse(archive.Digest);
            var layer = new StagedLayer(item, new ArchiveFile(file, 0, archive.Length, diffId), diffId);
            byte[] bytes = ConfigBytes(recipe, config, diffId, archive.NewestModification);
            IReadOnlyList<NamedImage> images = await new ImageWriter(store, session, progress)
                .WriteAsync(new StagedImage(bytes, null, [layer], [name]), cancellationToken).ConfigureAwait(false);
            return images[0];
        }).ConfigureAwait(false);
    }

    private static List<ArchiveEntry> Collect(ImageRecipe recipe)
    {
        string? root = recipe.Path is null ? null : Path.GetFullPath(recipe.Path);
        if (root is not null && !Directory.Exists(root))
        {
            throw new DockerNotFoundException(
                "ImportPathNotFound", $"There is no directory '{recipe.Path}' to make an image of. Check the path; for an archive use Import-ContainerImage.", recipe.Path);
        }

        if (root is null && recipe.HostCommands.Count == 0)
            throw new DockerArgumentException("InvalidImageConfig", "An image is made of something: give -HostCommand, -Path or both.", recipe.Name);
        var entries = new List<ArchiveEntry>();
        if (recipe.HostCommands.Count > 0) entries.AddRange(CollectCommands(recipe, root));
        if (root is not null) entries.Add(new ArchiveEntry { Name = "", Source = root, Recursive = true });
        return entries;
    }

    private static IEnumerable<ArchiveEntry> CollectCommands(ImageRecipe recipe, string? root)
    {
        var files = new HostFiles(root);
        foreach (string directory in (string[])["dev", "etc", "proc", "run", "sys", "var"]) files.AddDirectory(directory);
        files.AddDirectory("root", 0b111_000_000);
        files.AddDirectory("tmp", 0b1_111_111_111);
        files.AddDirectory("var/tmp", 0b1_111_111_111);
        files.AddText("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
        files.AddText("etc/group", "root:x:0:\nnogroup:x:65534:\n");
        files.AddText("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n");
        foreach (string command in recipe.HostCommands) files.AddCommand(command);
        files.AddRootLinks();
        return files.Entries;
    }

    private static ContainerImageConfiguration Configure(ImageRecipe recipe)
    {
        ContainerImageConfiguration config = ImageConfigurations.Check(recipe.Config);
        if (!config.Environment.Any(variable => variable.StartsWith("PATH=", StringComparison.Ordinal)))
            config = config with { Environment = [ImageConfigurations.DefaultPath, .. config.Environment] };
        bool bare = config.Command.Count == 0 && config.Entrypoint.Count == 0;
        return bare && recipe.HostCommands is [var first, ..] && Shells.Contains(Path.GetFileName(first))
            ? config with { Command = [first] }
            : config;
    }

    private static byte[] ConfigBytes(ImageRecipe recipe, ContainerImageConfiguration config, Digest diffId, long newestModification)
    {
        string created = ImageConfigurations.Time(DateTimeOffset.FromUnixTimeSeconds(newestModification));
        string from = string.Join(", ", recipe.HostCommands.Concat(recipe.Path is null ? [] : ["a directory"]));
        return JsonSerializer.SerializeToUtf8Bytes(
            new ImageConfig
            {
                Created = created,
                Architecture = HostPlatform.Architecture,
                Os = "linux",
                Config = ImageConfigurations.ToSpecification(config),
                Rootfs = new Oci.ImageSpec.RootFileSystem { DiffIds = [diffId.ToString()] },
                History = [new HistoryEntry { Created = created, CreatedBy = $"New-ContainerImage of {from}" }],
            },
            ImageSpecJson.Writing.ImageConfig);
    }
}
