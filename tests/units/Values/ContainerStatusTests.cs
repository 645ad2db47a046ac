using Xunit;

namespace DockerPS.Units.Values;

public class ContainerStatusTests
{
    [Theory]
    [InlineData(0.5, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(180, "3 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(7200, "2 hours")]
    [InlineData(86400 * 3, "3 days")]
    [InlineData(86400 * 21, "3 weeks")]
    [InlineData(86400 * 90, "3 months")]
    [InlineData(86400 * 800, "2 years")]
    public void Ages_read_as_dockers(double seconds, string words) =>
        Assert.Equal(words, ContainerStatus.Age(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Status_reads_as_dockers()
    {
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Equal("Created", ContainerStatus.Describe(ContainerState.Created, null, null, null, now));
        Assert.Equal("Up 3 minutes", ContainerStatus.Describe(ContainerState.Running, null, now.AddMinutes(-3), null, now));
        Assert.Equal("Up 2 hours (Paused)", ContainerStatus.Describe(ContainerState.Paused, null, now.AddHours(-2), null, now));
        Assert.Equal("Exited (0) 5 seconds ago",
            ContainerStatus.Describe(ContainerState.Exited, 0, now.AddHours(-2), now.AddSeconds(-5), now));
    }
}
