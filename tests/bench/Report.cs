using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DockerPS.Bench;

/// <summary>All samples, the table of their medians, and the goals they are held against.</summary>
internal sealed class Report
{
    private static readonly string[] Order = ["DockerPS", "DockerPS in pwsh", "crun", "runc", "podman", "docker", "skopeo", "limit"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Dictionary<(string Title, string Subject), (string Unit, List<double> Samples)> _samples = [];
    private readonly Dictionary<(string Title, string Subject), string> _absent = [];

    /// <summary>Whether something of ours could not be measured.</summary>
    public bool Failed => _absent.Keys.Any(k => k.Subject.StartsWith("DockerPS", StringComparison.Ordinal));

    public void Add(string title, string subject, string unit, double value)
    {
        if (!_samples.TryGetValue((title, subject), out (string, List<double> Samples) entry))
            _samples[(title, subject)] = entry = (unit, []);
        entry.Samples.Add(value);
    }

    public void Absent(string title, string subject, string reason) => _absent.TryAdd((title, subject), reason);

    public bool IsAbsent(string title, string subject) => _absent.ContainsKey((title, subject));

    public void Print(TextWriter output)
    {
        string[] subjects = [.. Order.Where(o => _samples.Keys.Any(k => k.Subject == o))];
        string[] titles = [.. _samples.Keys.Select(k => k.Title).Distinct()];
        output.WriteLine($"| median of a run | {string.Join(" | ", subjects)} |");
        output.WriteLine($"|---|{string.Concat(subjects.Select(_ => "---|"))}");
        foreach (string title in titles)
            output.WriteLine($"| {title} | {string.Join(" | ", subjects.Select(s => Cell(title, s)))} |");
        foreach (IGrouping<(string Subject, string Reason), string> group in _absent
            .GroupBy(a => (a.Key.Subject, a.Value), a => a.Key.Title))
            output.WriteLine($"not measured: {group.Key.Subject} ({string.Join("; ", group)}): {group.Key.Reason}");
    }

    public void Write(string path, string[] scenarios)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            time = DateTimeOffset.UtcNow,
            command = $"dotnet run -c Release --project tests/bench -- {string.Join(' ', scenarios)}".TrimEnd(' ', '-'),
            machine = new { system = RuntimeInformation.OSDescription, architecture = RuntimeInformation.OSArchitecture.ToString(), processors = Environment.ProcessorCount },
            results = _samples.Select(s => new
            {
                scenario = s.Key.Title,
                subject = s.Key.Subject,
                unit = s.Value.Unit,
                median = Median(s.Value.Samples),
                min = s.Value.Samples.Min(),
                max = s.Value.Samples.Max(),
                samples = s.Value.Samples,
            }),
            absent = _absent.Select(a => new { scenario = a.Key.Title, subject = a.Key.Subject, reason = a.Value }),
        }, Indented));
        Console.Error.WriteLine($"… {path}");
    }

    /// <summary>A median, and how many times better ours is.</summary>
    private string Cell(string title, string subject)
    {
        if (!_samples.TryGetValue((title, subject), out (string Unit, List<double> Samples) entry))
            return "";
        double median = Median(entry.Samples);
        string text = string.Create(CultureInfo.InvariantCulture, $"{median.ToString(median < 1 ? "0.00" : "0.0", CultureInfo.InvariantCulture)} {entry.Unit}");
        return subject != "DockerPS" && _samples.TryGetValue((title, "DockerPS"), out (string, List<double> Samples) ours)
            ? text + string.Create(CultureInfo.InvariantCulture, $" ({Times(entry.Unit, median, Median(ours.Samples)):0.0}×)")
            : text;
    }

    /// <summary>Of what is done in a second more is better; of all else less.</summary>
    private static double Times(string unit, double theirs, double ours) => unit.EndsWith("/s", StringComparison.Ordinal) ? ours / theirs : theirs / ours;

    private static double Median(List<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
