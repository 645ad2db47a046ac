using System.Diagnostics;
using System.Text;
using DockerPS.Integration.Shell;
using Xunit;

namespace DockerPS.Integration.Cmdlets;

/// <summary>The Shell's prompt in a terminal, as a user types in it.</summary>
public sealed class PromptTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    private const string Terminal = "/usr/bin/script";
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));

    [Fact]
    public async Task Tab_completes_cmdlets_parameters_words_containers_and_images()
    {
        Assert.SkipUnless(File.Exists(Terminal), $"SKIPPED: a terminal is made by {Terminal}, of Debian's package bsdutils.");
        await fixture.LinesAsync("$null = New-Container tools -Name only-one");
        using Process prompt = ShellProcess.StartInTerminal(Terminal);
        try
        {
            await ReadUntilAsync(prompt, "> ");
            foreach (string line in fixture.InStore("").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                await TypeAsync(prompt, line + "\r", "> ");
            // What is typed never holds what is expected, so it is not the echo that is seen.
            await TypeAsync(prompt, "'seen:' + (Get-ContainerIm\t too\t).Count + ':'\r", "seen:1:");
            await TypeAsync(prompt, "'seen:' + (Get-Container only\t).Name + ':'\r", "seen:only-one:");
            await TypeAsync(prompt, "'seen:' + @(Get-Container -Sta\t Crea\t).Count + ':'\r", "seen:1:");
            await prompt.StandardInput.WriteAsync("exit\r");
            await prompt.StandardInput.FlushAsync(_limit.Token);
            await prompt.WaitForExitAsync(_limit.Token);
            Assert.Equal(0, prompt.ExitCode);
        }
        finally
        {
            if (!prompt.HasExited) prompt.Kill(entireProcessTree: true);
            _limit.Dispose();
            await fixture.LinesAsync("Remove-Container only-one");
        }
    }

    private async Task TypeAsync(Process prompt, string keys, string expected)
    {
        await prompt.StandardInput.WriteAsync(keys);
        await prompt.StandardInput.FlushAsync(_limit.Token);
        await ReadUntilAsync(prompt, expected);
    }

    private async Task ReadUntilAsync(Process prompt, string expected)
    {
        var seen = new StringBuilder();
        var buffer = new char[4096];
        while (!seen.ToString().Contains(expected, StringComparison.Ordinal))
        {
            int length;
            try
            {
                length = await prompt.StandardOutput.ReadAsync(buffer, _limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"'{expected}' was not shown, but:\n{seen}");
            }

            Assert.True(length > 0, $"The prompt ended before it showed '{expected}':\n{seen}");
            seen.Append(buffer, 0, length);
        }
    }
}
