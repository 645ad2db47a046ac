using DockerPS.Runtime.Layers;
using Xunit;

namespace DockerPS.Units.Layers;

public sealed class PaceTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Nothing_is_slow_before_its_trial()
    {
        var pace = new Pace(least: 100, trial: 1000);
        pace.Add(999, 100 * Second);
        Assert.False(pace.IsSlow);
        pace.Add(1, 0);
        Assert.True(pace.IsSlow);
    }

    [Fact]
    public void What_takes_as_much_as_it_must_is_not_slow()
    {
        var pace = new Pace(least: 100, trial: 1000);
        pace.Add(1000, 10 * Second);
        Assert.False(pace.IsSlow);
    }

    [Fact]
    public void What_becomes_slow_is_found_so_however_fast_it_was_before()
    {
        var pace = new Pace(least: 100, trial: 1000);
        for (int i = 0; i < 1000; i++) pace.Add(1000, 1);
        for (int i = 0; i < 8; i++) pace.Add(1000, 20 * Second);
        Assert.True(pace.IsSlow);
        for (int i = 0; i < 20; i++) pace.Add(1000, 1);
        Assert.False(pace.IsSlow);
    }
}
