using System.Management.Automation.Language;
using DockerPS.Shell.Editing;
using DockerPS.Shell.Hosting;

namespace DockerPS.Shell;

/// <summary>The interactive prompt; with a redirected input it reads commands from there and prompts for nothing.</summary>
internal sealed class Prompt(ShellHost host, Runner runner)
{
    public int Run()
    {
        bool interactive = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        Func<string, string?> read = interactive
            ? new LineEditor(runner.Complete).Read
            : _ => Console.In.ReadLine();
        while (!host.ExitRequested && ReadCommand(read, interactive) is { } text)
            if (!string.IsNullOrWhiteSpace(text))
                runner.Run(text);
        if (host.ExitRequested)
            return host.ExitCode;
        return interactive || runner.LastSucceeded ? 0 : 1;
    }

    /// <summary>A whole statement, nothing when the user gave it up, or null at the end of the input.</summary>
    private string? ReadCommand(Func<string, string?> read, bool interactive)
    {
        try
        {
            return ReadStatement(read, interactive);
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }

    /// <summary>Reads lines until they form a whole statement.</summary>
    private string? ReadStatement(Func<string, string?> read, bool interactive)
    {
        string? text = read(interactive ? PromptText() : "");
        while (text is not null && IsIncomplete(text))
        {
            string? more = read(">> ");
            if (more is null)
                break;
            // An empty line ends a statement that would take more, so that a lost brace is no trap.
            if (interactive && more.Length == 0)
                break;
            text += "\n" + more;
        }
        return text;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out ParseError[] errors);
        return errors.Length > 0 && errors.All(e => e.IncompleteInput);
    }

    private string PromptText() =>
        runner.Evaluate("prompt") is [var text, ..] && text?.ToString() is { Length: > 0 } given ? given : "PS> ";
}
