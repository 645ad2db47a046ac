using System.Text.Json;
using DockerPS.Engine.Images.Comparison;
using DockerPS.Oci.ImageSpec;
using Xunit;

namespace DockerPS.Units.Images;

public sealed class ConfigFactsTests
{
    [Fact]
    public void What_docker_writes_out_without_its_being_set_is_no_difference()
    {
        const string docker = """
            {"os":"linux","architecture":"amd64","config":{"Hostname":"","Domainname":"","AttachStdin":false,"Tty":false,"Image":"","Cmd":["sh"],"OnBuild":null,"Shell":["/bin/bash"],"Memory":0} }
            """;
        const string other = """{"os":"linux","architecture":"amd64","config":{"Cmd":["sh"],"Shell":["/bin/bash"]} }""";
        Assert.Equal(FactsOf(other), FactsOf(docker));
        Assert.Contains(FactsOf(docker), fact => fact is { Key: "Shell" });
    }

    private static IEnumerable<KeyValuePair<string, string>> FactsOf(string json) =>
        ConfigFacts.Of(JsonSerializer.Deserialize(json, ImageSpecJson.Default.ImageConfig)!);
}
