using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DockerPS.Oci.RuntimeSpec;
using Xunit;

namespace DockerPS.Units.RuntimeSpec;

/// <summary>The specification's own examples, when DOCKERPS_RUNTIME_SPEC names a checkout of runtime-spec; and what we print and write ourselves.</summary>
public class SpecificationTests
{
    private static readonly string? Checkout = Environment.GetEnvironmentVariable("DOCKERPS_RUNTIME_SPEC");

    /// <summary>For platforms whose objects are not read here.</summary>
    private static readonly string[] OfOtherPlatforms = ["freebsd-vnet-disable.json"];

    public static TheoryData<string> GoodFiles => Files("good");

    public static TheoryData<string> BadFiles => Files("bad");

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void A_good_example_of_the_specification_is_read(string file)
    {
        Assert.SkipWhen(file.Length == 0, "DOCKERPS_RUNTIME_SPEC names no checkout of runtime-spec.");
        RuntimeConfig config = RuntimeConfigReader.Read(File.ReadAllBytes(file));
        Assert.NotEmpty(config.OciVersion);
        // Judged too, when it is of a version that is released and for Linux.
        if (Path.GetFileName(file) == "spec-example.json") config.OciVersion = "1.0.0";
        if (config.OciVersion[0] == '1' && config.OtherPlatforms is null && Path.GetFileName(file) != "linux-netdevice.json")
            RuntimeConfigValidator.Validate(config, text => Assert.Fail(text), process: false);
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_example_of_the_specification_is_refused(string file)
    {
        Assert.SkipWhen(file.Length == 0, "DOCKERPS_RUNTIME_SPEC names no checkout of runtime-spec.");
        Assert.SkipWhen(OfOtherPlatforms.Contains(Path.GetFileName(file)), "It is bad for a platform that is not ours.");
        JsonException e = Assert.ThrowsAny<JsonException>(() =>
            RuntimeConfigValidator.Validate(RuntimeConfigReader.Read(File.ReadAllBytes(file)), _ => { }, process: false));
        Assert.True(e.Path is null or ['$', ..], e.Message);
    }

    [Fact]
    public void What_spec_writes_is_taken_and_asks_for_little()
    {
        byte[] json = RuntimeConfigTemplate.ToJson(RuntimeConfigTemplate.Make());
        RuntimeConfig config = RuntimeConfigReader.Read(json);
        RuntimeConfigValidator.Validate(config, text => Assert.Fail(text));
        Assert.Equal(["sh"], config.Process!.Args!);
        Assert.True(config.Process.NoNewPrivileges && config.Root!.Readonly);
        Assert.Equal(["pid", "network", "ipc", "uts", "mount", "cgroup"], config.Linux!.Namespaces!.Select(n => n.Type));
    }

    [Fact]
    public void What_spec_writes_for_one_who_is_not_root_maps_that_user_alone()
    {
        RuntimeConfig config = RuntimeConfigReader.Read(RuntimeConfigTemplate.ToJson(RuntimeConfigTemplate.MakeRootless(1000, 100)));
        RuntimeConfigValidator.Validate(config, text => Assert.Fail(text));
        RuntimeIdMapping uid = Assert.Single(config.Linux!.UidMappings!), gid = Assert.Single(config.Linux.GidMappings!);
        Assert.Equal((0u, 1000u, 1u, 0u, 100u, 1u), (uid.ContainerId, uid.HostId, uid.Size, gid.ContainerId, gid.HostId, gid.Size));
        Assert.DoesNotContain(config.Linux.Namespaces!, n => n.Type == "network");
        Assert.DoesNotContain(config.Mounts!, m => m.Options?.Contains("gid=5") == true || m.Type == "sysfs");
    }

    [Fact]
    public void Every_feature_that_is_told_is_read()
    {
        JsonNode features = JsonNode.Parse(RuntimeFeatures.ToJson("1.2.3").Span)!;
        JsonNode linux = features["linux"]!;
        foreach (string version in new[] { "ociVersionMin", "ociVersionMax" })
            Judge("ociVersion", features[version]!.ToJsonString());
        foreach (string hook in Texts(features["hooks"])) Judge("hooks." + hook, """[{"path":"/a"}]""");
        foreach (string type in Texts(linux["namespaces"]))
        {
            Assert.Equal("$.linux.namespaces[8].type", Refused("linux.namespaces[8]", $$"""{"type":"{{type}}"}""").Path);
        }

        string[] capabilities = Texts(linux["capabilities"]);
        Assert.Equal(Enumerable.Range(0, CapabilityName.Count), capabilities.Select(CapabilityName.Number));
        JsonNode seccomp = linux["seccomp"]!;
        foreach (string action in Texts(seccomp["actions"])) Judge("linux.seccomp.syscalls[0].action", $"\"{action}\"");
        foreach (string op in Texts(seccomp["operators"])) Judge("linux.seccomp.syscalls[0].args[0].op", $"\"{op}\"");
        foreach (string arch in Texts(seccomp["archs"])) Judge("linux.seccomp.architectures[0]", $"\"{arch}\"");
        foreach (string flag in Texts(seccomp["knownFlags"])) Judge("linux.seccomp.flags[0]", $"\"{flag}\"");
    }

    private static void Judge(string member, string json) =>
        RuntimeConfigValidator.Validate(RuntimeConfigReader.Read(ConfigText.With(member, json)), _ => { });

    private static JsonException Refused(string member, string json) => Assert.Throws<JsonException>(() => Judge(member, json));

    private static string[] Texts(JsonNode? array) => [.. array!.AsArray().Select(item => item!.GetValue<string>())];

    private static TheoryData<string> Files(string kind)
    {
        if (Checkout is null) return [""];
        return [.. Directory.GetFiles(Path.Combine(Checkout, "schema", "test", "config", kind), "*.json").Order(StringComparer.Ordinal)];
    }
}
