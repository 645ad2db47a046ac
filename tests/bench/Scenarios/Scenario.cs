namespace DockerPS.Bench.Scenarios;

/// <summary>One thing that is measured of several subjects.</summary>
internal abstract class Scenario
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Key { get; }

    public abstract string Title { get; }

    /// <summary>Whether a word of the command line means it: its key, or what its key begins with before a hyphen.</summary>
    public bool IsNamed(string word) => Key == word || Key.StartsWith(word + "-", StringComparison.Ordinal);

    public abstract void Measure(Workshop workshop, Report report, CancellationToken cancellationToken);

    /// <summary>
    /// Measures the subjects in turn, round after round, so that what else the machine does meets all of them;
    /// the first round warms up and is not counted.
    /// </summary>
    protected static void Interleave(int rounds, IReadOnlyDictionary<string, Func<double>> subjects, string title, string unit,
        Report report, CancellationToken cancellationToken) =>
        Interleave(rounds, subjects.Select(s => (title, s.Key, s.Value)), unit, report, cancellationToken);

    /// <summary>The same of subjects with a row for each title.</summary>
    protected static void Interleave(int rounds, IEnumerable<(string Title, string Subject, Func<double> Measure)> subjects, string unit,
        Report report, CancellationToken cancellationToken)
    {
        for (int round = 0; round <= rounds; round++)
            foreach ((string title, string subject, Func<double> measure) in subjects)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (report.IsAbsent(title, subject))
                    continue;
                try
                {
                    double value = measure();
                    if (round > 0)
                        report.Add(title, subject, unit, value);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    report.Absent(title, subject, exception.Message);
                }
            }
    }
}
