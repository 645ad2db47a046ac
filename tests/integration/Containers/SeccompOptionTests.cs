using DockerPS.Engine;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>The security option seccomp of the engine's containers.</summary>
public sealed class SeccompOptionTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    // The first two are what every container gets, the third needs CAP_SYS_ADMIN in Docker's profile.
    private const string Facts = "grep ^Seccomp: /proc/self/status; mkdir /tmp/a && echo made; unshare -u true 2>/dev/null && echo unshared; true";
    private static readonly ContainerSpec Plain = new() { Image = EngineFixture.Image };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_default_profile_filters_every_container(bool init) =>
        Assert.Equal("Seccomp:\t2\nmade\n", (await fixture.ShellAsync(Facts, Plain with { Init = init })).Out);

    [Fact]
    public async Task A_capability_opens_the_calls_that_belong_to_it() =>
        Assert.Equal("Seccomp:\t2\nmade\nunshared\n", (await fixture.ShellAsync(Facts, Plain with { CapAdd = ["SYS_ADMIN"] })).Out);

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "seccomp=unconfined")]
    public async Task Unconfined_and_privileged_containers_have_no_filter(bool privileged, string? option) =>
        Assert.StartsWith(
            "Seccomp:\t0\nmade\n",
            (await fixture.ShellAsync(Facts, Plain with { Privileged = privileged, SecurityOptions = option is null ? [] : [option] })).Out);

    [Fact]
    public async Task A_profile_holds_for_exec_and_for_restarts_after_its_file_is_gone()
    {
        string file = Path.Combine(Path.GetTempPath(), $"dockerps-profile-{Guid.NewGuid():N}.json");
        Container container;
        try
        {
            await File.WriteAllTextAsync(
                file,
                """
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122}]}
                """,
                TestContext.Current.CancellationToken);
            container = await fixture.CreateAsync(Plain with { Command = ["sleep", "1000"], SecurityOptions = ["seccomp=" + file] });
        }
        finally
        {
            File.Delete(file);
        }

        for (int start = 0; start < 2; start++)
        {
            await fixture.Engine.StartContainerAsync(container.Id, TestContext.Current.CancellationToken);
            var streams = new EngineFixture.Streams();
            await fixture.Engine.ExecuteAsync(
                container.Id, new ContainerCommand { Arguments = ["mkdir", "/tmp/a"] }, streams.Attachment, TestContext.Current.CancellationToken);
            Assert.Contains("quota", streams.Error);
            await fixture.Engine.StopContainerAsync(container.Id, TimeSpan.Zero, null, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("seccomp=/no/such/profile.json", "SeccompProfileNotFound")]
    [InlineData("seccomp=relative.json", "InvalidSecurityOption")]
    [InlineData("seccomp=", "InvalidSecurityOption")]
    [InlineData("seccomp=/etc/passwd", "InvalidSeccompProfile")]
    public async Task A_profile_that_is_none_is_refused_before_anything_is_made(string option, string error)
    {
        DockerException refused = await Assert.ThrowsAnyAsync<DockerException>(
            () => fixture.CreateAsync(Plain with { Command = ["true"], SecurityOptions = [option], Name = "refused" }));
        Assert.Equal(error, refused.ErrorId);
        Assert.DoesNotContain(fixture.Engine.GetContainers(new ContainerFilter { All = true }), c => c.Name == "refused");
    }
}
