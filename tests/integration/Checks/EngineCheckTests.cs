using DockerPS.Engine;
using DockerPS.Engine.Checks;
using DockerPS.Integration.Containers;
using Xunit;

namespace DockerPS.Integration.Checks;

/// <summary>The self-check sees isolation where it is, and its absence where it was switched off.</summary>
public sealed class EngineCheckTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_check_gives_one_result_and_passes_where_the_machine_has_the_feature()
    {
        var checks = new List<ContainerEngineCheck>();
        await foreach (ContainerEngineCheck check in fixture.Engine.CheckAsync(_ => true, _token)) checks.Add(check);
        Assert.Equal(ContainerEngine.CheckNames, checks.Select(c => c.Name));
        string[] lacking = [.. fixture.Engine.GetInfo().Features.Where(f => !f.Available).Select(f => f.Name)];
        Assert.All(checks.Where(c => !lacking.Contains(c.Name)), c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
        Assert.DoesNotContain(fixture.Engine.GetImages(new ImageFilter()), i => i.Reference?.StartsWith("dockerps-check-", StringComparison.Ordinal) == true);
    }

    public static readonly TheoryData<string> Undone = ["PidNamespace", "NetworkNamespace", "LoopbackOnly", "IpcNamespace", "UtsNamespace",
        "CgroupNamespace", "ReadOnlyRoot", "Capabilities", "NoNewPrivileges", "Seccomp", "MaskedPaths", "Init", "MemoryLimit", "PidsLimit"];

    [Theory]
    [MemberData(nameof(Undone))]
    public async Task A_check_does_not_pass_without_the_isolation_that_it_is_about(string name)
    {
        IsolationCheck check = IsolationChecks.All("/tmp").Single(c => c.Name == name);
        ContainerSpec open = name switch
        {
            "PidNamespace" => Spec with { PidMode = "host" },
            "NetworkNamespace" or "LoopbackOnly" => Spec with { Network = "host" },
            "IpcNamespace" => Spec with { IpcMode = "host" },
            "UtsNamespace" => Spec with { UtsMode = "host" },
            "CgroupNamespace" => Spec with { CgroupMode = "host" },
            "Seccomp" => Spec with { SecurityOptions = ["seccomp=unconfined"] },
            "Capabilities" => Spec with { Privileged = true },
            "MaskedPaths" => Spec with { SecurityOptions = ["systempaths=unconfined"] },
            _ => Spec,
        };
        // The check's own option is what is left out.
        (bool passed, string detail) = await fixture.Engine.IsolatedAsync(check with { Spec = _ => open }, open, _token);
        if (name == "LoopbackOnly" && detail.EndsWith(": lo", StringComparison.Ordinal)) Assert.Skip("SKIPPED: this machine has no interface but lo.");
        Assert.False(passed, detail);
    }

    private ContainerSpec Spec => new() { Image = _image.Value };

    private readonly Lazy<string> _image = new(() =>
    {
        fixture.Engine.CreateImageAsync(
            new ImageRecipe { Name = "checked:1", HostCommands = IsolationChecks.HostCommands, Config = new ContainerImageConfiguration() },
            null, CancellationToken.None).GetAwaiter().GetResult();
        return "checked:1";
    });
}
