using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace DockerPS.Shell.Hosting;

/// <summary>Output streams on the console, in the colours of <c>$PSStyle</c>; questions only where there is a terminal.</summary>
internal sealed class ShellUserInterface(ProgressLine progress) : PSHostUserInterface
{
    private static readonly PSStyle Style = PSStyle.Instance;

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();
    public override bool SupportsVirtualTerminal { get; } = !Console.IsOutputRedirected;

    private static bool HasTerminal => !Console.IsInputRedirected;

    public override void Write(string value)
    {
        progress.Clear();
        Console.Out.Write(Plain(value));
    }

    public override void WriteLine(string value)
    {
        progress.Clear();
        Console.Out.WriteLine(Plain(value));
    }

    /// <summary>What goes to a file or a pipe carries no colours.</summary>
    private string Plain(string value) => SupportsVirtualTerminal || string.IsNullOrEmpty(value)
        ? value
        : new StringDecorated(value).ToString(OutputRendering.PlainText);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        string before = "";
        if (SupportsVirtualTerminal && foregroundColor is >= ConsoleColor.Black and <= ConsoleColor.White)
            before += PSStyle.MapForegroundColorToEscapeSequence(foregroundColor);
        if (SupportsVirtualTerminal && backgroundColor is > ConsoleColor.Black and <= ConsoleColor.White)
            before += PSStyle.MapBackgroundColorToEscapeSequence(backgroundColor);
        Write(before.Length == 0 ? value : before + value + Style.Reset);
    }

    public override void WriteErrorLine(string value) => Error(Style.Formatting.Error, value);
    public override void WriteWarningLine(string message) => Error(Style.Formatting.Warning, "WARNING: " + message);
    public override void WriteVerboseLine(string message) => Error(Style.Formatting.Verbose, "VERBOSE: " + message);
    public override void WriteDebugLine(string message) => Error(Style.Formatting.Debug, "DEBUG: " + message);

    private void Error(string colour, string value)
    {
        progress.Clear();
        Console.Error.WriteLine(Console.IsErrorRedirected ? value : colour + value + Style.Reset);
    }

    public override void WriteProgress(long sourceId, ProgressRecord record) => progress.Show(sourceId, record);

    // Information records arrive here only when $InformationPreference or Write-Host wants them shown.
    public override void WriteInformation(InformationRecord record) { }

    public override string ReadLine()
    {
        RequireTerminal("input");
        progress.Clear();
        return Console.In.ReadLine() ?? throw new PipelineStoppedException();
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireTerminal("a secret");
        progress.Clear();
        var secret = new SecureString();
        for (ConsoleKeyInfo key = Console.ReadKey(true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(true))
            if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                secret.RemoveAt(secret.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                secret.AppendChar(key.KeyChar);
        Console.Out.WriteLine();
        return secret;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message,
        Collection<FieldDescription> descriptions)
    {
        RequireTerminal($"a value for {string.Join(", ", descriptions.Select(d => d.Name))}");
        WriteHead(caption, message);
        var answers = new Dictionary<string, PSObject>();
        foreach (FieldDescription field in descriptions)
        {
            Write(field.Name + ": ");
            bool secret = field.ParameterTypeFullName == typeof(SecureString).FullName;
            answers[field.Name] = secret ? PSObject.AsPSObject(ReadLineAsSecureString()) : PSObject.AsPSObject(ReadLine());
        }
        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices,
        int defaultChoice)
    {
        RequireTerminal($"an answer to '{(string.IsNullOrEmpty(message) ? caption : message)}'");
        WriteHead(caption, message);
        string[] keys = [.. choices.Select(Key)];
        while (true)
        {
            Write(string.Join("  ", choices.Select((c, i) => $"[{keys[i]}] {c.Label.Replace("&", "", StringComparison.Ordinal)}")));
            Write(defaultChoice >= 0 ? $" (default is \"{keys[defaultChoice]}\"): " : ": ");
            string answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            int chosen = Array.FindIndex(keys, k => k.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen < 0)
                chosen = choices.ToList().FindIndex(c =>
                    c.Label.Replace("&", "", StringComparison.Ordinal).Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
                return chosen;
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, default, default);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        RequireTerminal("a credential");
        WriteHead(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }
        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    private void WriteHead(string caption, string message)
    {
        foreach (string text in new[] { caption, message }.Where(t => !string.IsNullOrEmpty(t)))
            WriteLine(text);
    }

    private static string Key(ChoiceDescription choice)
    {
        int at = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return at >= 0 && at + 1 < choice.Label.Length
            ? char.ToUpper(choice.Label[at + 1], CultureInfo.InvariantCulture).ToString()
            : choice.Label;
    }

    private static void RequireTerminal(string what)
    {
        if (!HasTerminal)
            throw new HostException($"There is no terminal to ask for {what}. Give it as a parameter (-Confirm:$false answers a confirmation).");
    }
}
