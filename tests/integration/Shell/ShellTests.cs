using Xunit;

namespace DockerPS.Integration.Shell;

public sealed class ShellTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-shell-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Script(string text)
    {
        string path = Path.Combine(_directory, "a script.ps1");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public async Task A_script_gets_its_named_switch_and_positional_arguments()
    {
        string script = Script("param([string]$Task, [switch]$Fast, [switch]$Slow, [string]$Rest) \"$Task|$Fast|$Slow|$Rest|$PSScriptRoot\"");
        ShellRun run = await ShellProcess.RunAsync(script, "-Task", "Test", "-Fast", "-Slow:$false", "it's $rest");
        Assert.Equal($"Test|True|False|it's $rest|{_directory}", run.Output.Trim());
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'no'", 1)]
    [InlineData("if (", 1)]
    [InlineData("'fine'", 0)]
    [InlineData("dotnet no-such-command 2>&1 | Out-Null; 'went on'", 0)]
    public async Task A_scripts_end_is_the_exit_code(string text, int expected)
    {
        ShellRun run = await ShellProcess.RunAsync(Script(text));
        Assert.True(expected == run.ExitCode, $"exit code {run.ExitCode}, expected {expected}\n{run.Output}\n{run.Error}");
    }

    [Fact]
    public async Task What_a_script_wrote_before_it_exits_is_shown()
    {
        ShellRun run = await ShellProcess.RunAsync(Script("[pscustomobject]@{Name='web'}\nexit 3"));
        Assert.Contains("web", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, run.ExitCode);
    }

    [Theory]
    [InlineData("exit 4", 4)]
    [InlineData("Get-NoSuchThing", 1)]
    [InlineData("1 + 1", 0)]
    public async Task A_commands_end_is_the_exit_code(string command, int expected) =>
        Assert.Equal(expected, (await ShellProcess.RunAsync("-Command", command)).ExitCode);

    [Fact]
    public async Task Errors_are_formatted_and_the_script_goes_on()
    {
        ShellRun run = await ShellProcess.RunAsync(Script("[int]::Parse('x'); 'after'"));
        Assert.Contains("Exception calling \"Parse\"", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Contains("after", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_come_from_a_redirected_input_statement_by_statement()
    {
        ShellRun run = await ShellProcess.RunAsync("1 + 1\nif ($true) {\n'multi'\n}\nGet-NoSuchThing\n$?\nexit 5\n'never'\n", []);
        Assert.Equal(["2", "multi", "False"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(5, run.ExitCode);
    }

    [Fact]
    public async Task Output_in_a_pipe_has_no_colours()
    {
        ShellRun run = await ShellProcess.RunAsync("-Command", "Get-Command Sort-Object | Format-Table Name; Write-Host hi -ForegroundColor Red; throw 'x'");
        Assert.DoesNotContain("\e", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_a_terminal_is_an_error_that_says_what_to_do()
    {
        ShellRun run = await ShellProcess.RunAsync("-Command", "$Host.UI.PromptForChoice('Remove?', '', @(), 0)");
        Assert.Contains("-Confirm:$false", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        ShellRun run = await ShellProcess.RunAsync("no-such.ps1");
        Assert.Contains("no-such.ps1", run.Error, StringComparison.Ordinal);
        Assert.Equal(64, run.ExitCode);
    }

    [Fact]
    public async Task The_module_is_found_and_loads_by_itself()
    {
        ShellRun run = await ShellProcess.RunAsync("-Command", "(Get-Command Get-Container).ModuleName; (Get-Module DockerPS).ModuleBase");
        Assert.Contains("DockerPS", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }
}
