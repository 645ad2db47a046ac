using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Text.Json;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Images.Archives;
using DockerPS.Engine.Store;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;

namespace DockerPS.Engine.Images.HelloWorld;

/// <summary>The built-in image, made when <c>hello-world</c> is asked for and nothing of that name is stored.</summary>
internal static class HelloWorldImage
{
    private const string Text = """

        Hello from DockerPS!
        This text was written by a real Linux container, and there is no daemon behind it.

        What has just happened:
         1. The image "hello-world" was looked up in the store. Nothing else had that name, so it is
            the built-in one: a single layer with one static program, /hello.
         2. dockerps-runtime unpacked the layer, and an overlay put an empty, writable layer upon it.
         3. A supervisor process made a cgroup and new namespaces: processes, mounts, network,
            host name, IPC and cgroups.
         4. In there the overlay became the root directory, /proc, /sys and /dev were mounted, and
            all but a few capabilities were given up.
         5. /hello was executed as process 1. It wrote this to its standard output, which came
            through the supervisor into the log and to you.

        Next, make an image of this machine's own programs, and look around in a container of it:
          New-ContainerImage -Name tools -HostCommand sh, ls, cat, sleep
          Invoke-Container tools ls /


        """;

    private static readonly ImageReference Name = ImageReference.Parse("hello-world:latest");

    /// <summary>A fixed time: the image has the same digest everywhere.</summary>
    private static readonly DateTimeOffset Created = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static bool IsMeant(string reference) =>
        ImageReference.TryParse(reference, out ImageReference? parsed) && parsed.WithDefaultTag() == Name;

    /// <summary>Bytes of /hello for this machine.</summary>
    public static byte[] Program() => HelloProgram.Build(RuntimeInformation.OSArchitecture, Text);

    public static Task<NamedImage> CreateAsync(ImageStore store, EngineOptions options, CancellationToken cancellationToken)
    {
        byte[] layer = Layer();
        Digest diffId = Digest.Of(layer);
        byte[] config = JsonSerializer.SerializeToUtf8Bytes(
            new ImageConfig
            {
                Created = ImageConfigurations.Time(Created),
                Architecture = HostPlatform.Architecture,
                Os = "linux",
                Config = new ImageExecution { Env = [ImageConfigurations.DefaultPath], Cmd = ["/hello"] },
                Rootfs = new Oci.ImageSpec.RootFileSystem { DiffIds = [diffId.ToString()] },
                History = [new HistoryEntry { Created = ImageConfigurations.Time(Created), CreatedBy = "DockerPS", Comment = "Built in" }],
            },
            ImageSpecJson.Writing.ImageConfig);
        return StoreChange.RunAsync(store, options, async session =>
        {
            Digest blob = store.Blobs.Put(session, layer);
            var staged = new StagedLayer("hello-world", null, blob);
            IReadOnlyList<NamedImage> images = await new ImageWriter(store, session, null)
                .WriteAsync(new StagedImage(config, null, [staged], [Name]), cancellationToken).ConfigureAwait(false);
            return images[0];
        });
    }

    private static byte[] Layer()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var program = new MemoryStream(Program());
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "hello")
            {
                DataStream = program,
                Mode = (UnixFileMode)0b111_101_101,
                ModificationTime = Created,
            });
        }

        return bytes.ToArray();
    }
}
