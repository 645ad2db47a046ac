using System.Text;
using System.Text.Json;
using DockerPS.Engine;
using DockerPS.Engine.Images;
using DockerPS.Engine.Images.Comparison;
using DockerPS.Engine.Images.Pull;
using DockerPS.Engine.Registry;
using DockerPS.Oci.Digests;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.References;
using DockerPS.Units.Fuzzing;
using Xunit;

namespace DockerPS.Units.Images;

/// <summary>Whatever a registry or an archive says of an image, it is read or refused by an error that says so.</summary>
public class ImageSpecFuzzTests
{
    private const int Cases = 20_000;
    private static readonly ImageReference Name = ImageReference.Parse("some/thing:1");
    private static readonly string Some = Digest.Of("x"u8).ToString();

    [Fact]
    public void A_manifest() => Fuzz(
        $$$"""
        {"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"{{{MediaTypes.Config}}}","digest":"{{{Some}}}","size":1},
        "layers":[{"mediaType":"{{{MediaTypes.LayerGzip}}}","digest":"{{{Some}}}","size":7,"urls":["https://a/b"],"annotations":{"a":"b"}}]}
        """,
        json => PulledManifest.Read(Remote(json, MediaTypes.Manifest), "some/thing:1"));

    [Fact]
    public void An_index() => Fuzz(
        $$$"""
        {"schemaVersion":2,"mediaType":"{{{MediaTypes.Index}}}","manifests":[{"mediaType":"{{{MediaTypes.Manifest}}}","digest":"{{{Some}}}","size":7,
        "platform":{"os":"linux","architecture":"arm","variant":"v7"},"annotations":{"a":"b"}}]}
        """,
        json =>
        {
            ImageIndex index = Remote(json, MediaTypes.Index).ReadIndex();
            foreach (bool all in (bool[])[true, false]) new PlatformChoice(Name, PlatformName.Parse("linux/arm/v7"), all).Of(index);
        });

    [Fact]
    public void A_config() => Fuzz(
        $$$"""
        {"created":"2024-01-02T03:04:05Z","author":"a","os":"linux","architecture":"amd64","variant":"v2","rootfs":{"type":"layers","diff_ids":["{{{Some}}}"]},
        "history":[{"created":"2024-01-02T03:04:05Z","created_by":"x","empty_layer":true}],"config":{"User":"u","Env":["A=b"],"Cmd":["a"],"Entrypoint":["b"],
        "ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}},"WorkingDir":"/","Labels":{"a":"b"},"StopSignal":"SIGTERM","OnBuild":["RUN x"],"Healthcheck":{"Test":["x"]} } }
        """,
        json =>
        {
            ImageConfig config = ImageSpecReader.Config(json);
            foreach (string diffId in config.Rootfs?.DiffIds ?? []) Digest.TryParse(diffId, out _);
            ImageConfigurations.ToRow(config, Some, []);
            _ = ConfigFacts.Of(config).ToList();
            ImageConfigurations.CreatedAt(config);
        });

    private static RemoteManifest Remote(byte[] json, string type) => new(Digest.Of(json), type, json);

    private static void Fuzz(string good, Action<byte[]> read)
    {
        byte[] seed = Encoding.UTF8.GetBytes(good);
        read(seed);
        var mutator = new Mutator(1, seed);
        for (int i = 0; i < Cases; i++)
        {
            byte[] input = mutator.Next();
            try
            {
                read(input);
            }
            catch (Exception e) when (e is DockerException or JsonException)
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"case {i}: {Encoding.UTF8.GetString(input)}: {e}");
            }
        }
    }
}
