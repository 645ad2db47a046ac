using System.Management.Automation;
using DockerPS.Module.Completion;
using Xunit;

namespace DockerPS.Units.Module;

public sealed class CompletionTests : IDisposable
{
    private readonly CmdletHost _host = new();

    public void Dispose() => _host.Dispose();

    private string[] Complete(string line) => [.. _host.Run(
        $"(TabExpansion2 -InputScript '{line.Replace("'", "''")}' -CursorColumn {line.Length}).CompletionMatches.ForEach{{ $_.CompletionText }}")
        .Output.Cast<string>()];

    [Fact]
    public void Signals_complete_by_their_beginning() =>
        Assert.Equal(["SIGUSR1", "SIGUSR2"], Complete("Send-ContainerSignal web -Signal sigusr"));

    [Fact]
    public void Capabilities_complete() => Assert.Equal(["NET_ADMIN"], Complete("New-Container img -CapAdd NET_A"));

    [Fact]
    public void States_complete() => Assert.Equal(["Paused"], Complete("Get-Container -State pau"));

    [Theory]
    [InlineData("", "plain", "plain")]
    [InlineData("pl", "plain", "plain")]
    [InlineData("'pl", "plain", "'plain'")]
    [InlineData("\"pl", "plain", "\"plain\"")]
    [InlineData("<n", "<none>", "'<none>'")]
    [InlineData("localhost", "localhost:5000/a/b:1", "localhost:5000/a/b:1")]
    [InlineData("it", "it's", "'it''s'")]
    public void What_needs_quotes_gets_them(string typed, string word, string completed)
    {
        CompletionResult result = Assert.Single(
            new One(word).CompleteArgument("x", "y", typed, null!, new System.Collections.Hashtable()));
        Assert.Equal((completed, word), (result.CompletionText, result.ListItemText));
    }

    private sealed class One(string word) : WordCompleter
    {
        private protected override IEnumerable<string> Words() => [word];
    }
}
