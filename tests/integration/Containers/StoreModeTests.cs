using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>Secrets in the environment and setuid programs in the writable layer of a container are out of reach of other users of the host.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StoreModeTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData("containers")]
    [InlineData("layers")]
    [InlineData("catalogue.db")]
    [InlineData("catalogue.db-wal")]
    public async Task Other_users_reach_nothing_of_the_store(string name)
    {
        Container container = await fixture.CreateAsync("true");
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(fixture.Root, name)) & (others | group));
        await fixture.Engine.RemoveContainerAsync(container.Id, false, TestContext.Current.CancellationToken);
    }
}
