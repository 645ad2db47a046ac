using DockerPS.Engine;
using DockerPS.Engine.Registry;
using DockerPS.Oci.References;
using Xunit;

namespace DockerPS.Units.Registry;

/// <summary>Docker's daemon.json and podman's registries.conf say where a name is served.</summary>
public sealed class EndpointTests : IDisposable
{
    private const string Pinned = "docker.io/library/busybox@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-endpoints-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("busybox", "registry-1.docker.io/library/busybox")]
    [InlineData("registry.example.com/a/b", "registry.example.com/a/b")]
    [InlineData("localhost:5000/a", "localhost:5000/a plain")]
    [InlineData("127.0.0.1:5000/a", "127.0.0.1:5000/a plain")]
    public void Without_configuration_a_name_says_all(string name, string expected) => Assert.Equal([expected], Endpoints(name));

    [Fact]
    public void Dockers_mirrors_are_of_Docker_Hub_and_asked_first()
    {
        Daemon("""{"registry-mirrors":["https://mirror.example.com","http://localhost:5001/cache/"],"insecure-registries":["old.example.com:5000","10.0.0.0/8"]}""");
        Assert.Equal(
            ["mirror.example.com/library/busybox mirror https", "localhost:5001/library/busybox plain mirror http /cache", "registry-1.docker.io/library/busybox"],
            Endpoints("busybox"));
        Assert.Equal(["registry.example.com/a"], Endpoints("registry.example.com/a"));
        Assert.Equal(["old.example.com:5000/a plain unverified"], Endpoints("old.example.com:5000/a"));
        Assert.Equal(["10.1.2.3:5000/a plain unverified"], Endpoints("10.1.2.3:5000/a"));
        Assert.Equal(["registry-1.docker.io/library/busybox"], Endpoints("busybox", push: true));
    }

    [Fact]
    public void Podmans_tables_rewrite_mirror_and_block()
    {
        Registries("""
            unqualified-search-registries = ["quay.io"]

            [[registry]]
            prefix = "docker.io/library"
            location = "hub.example.com/official"

            [[registry.mirror]]
            location = "near.example.com/hub"
            insecure = true

            [[registry.mirror]]
            location = "pinned.example.com"
            pull-from-mirror = "digest-only"

            [[registry]]
            prefix = "*.internal.example.com"
            insecure = true

            [[registry]]
            location = "bad.example.com"
            blocked = true
            """);
        Assert.Equal(["near.example.com/hub/busybox plain unverified mirror", "hub.example.com/official/busybox"], Endpoints("busybox:1"));
        Assert.Equal(
            ["near.example.com/hub/busybox plain unverified mirror", "pinned.example.com/busybox mirror", "hub.example.com/official/busybox"], Endpoints(Pinned));
        Assert.Equal(["registry-1.docker.io/team/app"], Endpoints("team/app"));
        Assert.Equal(["a.internal.example.com/x plain unverified"], Endpoints("a.internal.example.com/x"));
        Assert.Equal("RegistryBlocked", Assert.Throws<DockerRegistryException>(() => Endpoints("bad.example.com/x")).ErrorId);
    }

    [Fact]
    public void The_longest_prefix_counts_and_a_later_file_replaces_a_table()
    {
        Registries("[[registry]]\nlocation = \"a.example.com\"\ninsecure = true\n\n[[registry]]\nprefix = \"a.example.com/team\"\nlocation = \"b.example.com/t\"\n");
        Assert.Equal(["b.example.com/t/app"], Endpoints("a.example.com/team/app"));
        Assert.Equal(["a.example.com/teams/app plain unverified"], Endpoints("a.example.com/teams/app"));
        Directory.CreateDirectory(Path.Combine(_directory, "registries.conf.d"));
        File.WriteAllText(Path.Combine(_directory, "registries.conf.d", "1.conf"), "[[registry]]\nlocation = \"a.example.com\"\n");
        Assert.Equal(["a.example.com/teams/app"], Endpoints("a.example.com/teams/app"));
    }

    [Theory]
    [InlineData("daemon.json", "{")]
    [InlineData("daemon.json", """{"registry-mirrors":["no address"]}""")]
    [InlineData("registries.conf", "[[registry\n")]
    [InlineData("registries.conf", "[[registry]]\ninsecure = \"yes\"\n")]
    public void A_damaged_file_is_named(string file, string text)
    {
        File.WriteAllText(Path.Combine(_directory, file), text);
        var error = Assert.Throws<DockerRegistryException>(() => Endpoints("busybox"));
        Assert.Equal("RegistryConfigurationInvalid", error.ErrorId);
        Assert.Contains(file, error.Message);
    }

    private void Daemon(string text) => File.WriteAllText(Path.Combine(_directory, "daemon.json"), text);

    private void Registries(string text) => File.WriteAllText(Path.Combine(_directory, "registries.conf"), text);

    private string[] Endpoints(string name, bool push = false)
    {
        var options = new RegistryOptions
        {
            DockerConfigDirectory = _directory,
            DaemonConfiguration = Path.Combine(_directory, "daemon.json"),
            RegistriesConfiguration = Path.Combine(_directory, "registries.conf"),
        };
        return [.. new RegistryEndpoints(options).For(ImageReference.Parse(name), RegistryAccess.Default, push).Select(endpoint => string.Join(
            ' ', ((string[])[
                $"{endpoint.Host}/{endpoint.Repository}", endpoint.AllowHttp ? "plain" : "", endpoint.SkipVerify ? "unverified" : "",
                endpoint.Mirror ? "mirror" : "", endpoint.Scheme ?? "", endpoint.BasePath]).Where(word => word.Length > 0)))];
    }
}
