using DockerPS.Engine.Logs;
using Xunit;

namespace DockerPS.Units.Containers;

public sealed class LogTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dockerps-log-{Guid.NewGuid():N}.jsonl");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Lines_have_time_stream_and_text()
    {
        Append("""{"log":"one\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}""", """{"log":"zwö \u001b[1m\n","stream":"stderr","time":"2026-01-02T03:04:06Z"}""");
        List<LogLine> lines = Read();
        Assert.Equal(["one", "zwö \u001b[1m"], lines.Select(l => l.Text));
        Assert.Equal([ContainerStream.StdOut, ContainerStream.StdErr], lines.Select(l => l.Stream));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567), lines[0].Time);
    }

    [Fact]
    public void Parts_of_a_line_are_joined_for_each_stream()
    {
        Append(Entry("aa", false), Entry("E", false, "stderr"), Entry("bb", false), Entry("cc"), Entry("F", true, "stderr"));
        Assert.Equal(["aabbcc", "EF"], Read().Select(l => l.Text));
    }

    [Fact]
    public void A_rest_without_newline_is_told_at_the_end()
    {
        Append(Entry("one"), Entry("prompt> ", false));
        using var reader = new LogReader(_path, terminal: false);
        Assert.Single(reader.ReadAll().ToList());
        Assert.Equal("prompt> ", Assert.Single(reader.Rest()).Text);
    }

    [Fact]
    public void A_torn_last_line_is_left_out_until_it_is_whole()
    {
        string entry = Entry("two");
        Append(Entry("one"));
        File.AppendAllText(_path, entry[..10]);
        using var reader = new LogReader(_path, terminal: false);
        Assert.Equal(["one"], reader.ReadAll().Select(l => l.Text).ToList());
        File.AppendAllText(_path, entry[10..] + "\n");
        Assert.Equal(["two"], reader.ReadAll().Select(l => l.Text).ToList());
    }

    [Fact]
    public void Garbage_between_lines_is_skipped()
    {
        Append(Entry("one"), "{\"log\":\"to", "[1]", "", Entry("two"));
        Assert.Equal(["one", "two"], Read().Select(l => l.Text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5_000)]
    [InlineData(50_000)]
    public void Tail_reads_the_last_lines_and_goes_on_behind_them(int count)
    {
        const int total = 20_000;
        Append([.. Enumerable.Range(0, total).Select(i => Entry($"line {i} {new string('x', i % 50)}"))]);
        using LogReader reader = LogReader.Tail(_path, false, count, _ => true, out List<LogLine> lines);
        int expected = Math.Min(count, total);
        Assert.Equal(
            Enumerable.Range(total - expected, expected).Select(i => $"line {i} {new string('x', i % 50)}"), lines.Select(l => l.Text));
        Append(Entry("more"));
        Assert.Equal(["more"], reader.ReadAll().Select(l => l.Text).ToList());
    }

    [Fact]
    public void Tail_counts_only_what_the_condition_accepts()
    {
        Append(Entry("error", true, "stderr"));
        Append([.. Enumerable.Range(0, 5_000).Select(i => Entry($"line {i}"))]);
        using LogReader reader = LogReader.Tail(_path, false, 2, l => l.Stream == ContainerStream.StdErr, out List<LogLine> lines);
        Assert.Equal("error", Assert.Single(lines).Text);
    }

    [Fact]
    public void A_terminals_carriage_return_is_part_of_the_line_end()
    {
        Append(Entry("x\\r"));
        using var terminal = new LogReader(_path, terminal: true);
        Assert.Equal("x", Assert.Single(terminal.ReadAll()).Text);
        Assert.Equal("x\r", Assert.Single(Read()).Text);
    }

    [Fact]
    public void A_missing_log_is_empty()
    {
        Assert.Empty(Read());
        using LogReader reader = LogReader.Tail(_path, false, 5, _ => true, out List<LogLine> lines);
        Assert.Empty(lines);
    }

    private List<LogLine> Read()
    {
        using var reader = new LogReader(_path, terminal: false);
        return [.. reader.ReadAll()];
    }

    private static string Entry(string text, bool whole = true, string stream = "stdout") =>
        "{\"log\":\"" + text + (whole ? "\\n" : "") + "\",\"stream\":\"" + stream + "\",\"time\":\"2026-01-02T03:04:05Z\"}";

    private void Append(params string[] lines) => File.AppendAllLines(_path, lines);
}
