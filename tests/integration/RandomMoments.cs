using System.Globalization;
using Xunit;

namespace DockerPS.Integration;

/// <summary>
/// Moments at which something is killed: random, so that every run tries others, and told with their seed, so that a failure can be
/// had again with DOCKERPS_TEST_SEED.
/// </summary>
internal sealed class RandomMoments
{
    private readonly Random _random;

    public RandomMoments()
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable("DOCKERPS_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int given)
            ? given
            : Random.Shared.Next();
        _random = new Random(Seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"DOCKERPS_TEST_SEED={Seed}");
    }

    public int Seed { get; }

    /// <summary>A delay below a limit, milliseconds; short ones are as likely in each order of magnitude, as things happen early.</summary>
    public double Next(double limit)
    {
        double moment = Math.Exp(_random.NextDouble() * Math.Log(1 + limit)) - 1;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed after {moment:0.0} ms"));
        return moment;
    }

    /// <summary>A delay below a limit, milliseconds; all are as likely.</summary>
    public double NextEven(double limit)
    {
        double moment = _random.NextDouble() * limit;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed after {moment:0.0} ms"));
        return moment;
    }

    /// <summary>Waits so long. Not for a condition: the moment is what the test is about.</summary>
    public Task WaitAsync(double limit) => Task.Delay(TimeSpan.FromMilliseconds(Next(limit)));
}
