using System.Text.Json.Nodes;
using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary><c>features</c> as callers read it (runtime-spec, features.md).</summary>
public sealed class FeaturesContractTests
{
    [Fact]
    public void Features_is_json_with_the_ranges_of_versions()
    {
        using var bundle = new OciBundle();
        JsonObject features = JsonNode.Parse(bundle.Do("features"))!.AsObject();
        Assert.Equal("1.0.0", features["ociVersionMin"]!.GetValue<string>());
        Assert.StartsWith("1.", features["ociVersionMax"]!.GetValue<string>());
        Assert.Contains("bind", features["mountOptions"]!.AsArray().Select(o => o!.GetValue<string>()));
        Assert.Contains("pid", features["linux"]!["namespaces"]!.AsArray().Select(o => o!.GetValue<string>()));
    }
}
