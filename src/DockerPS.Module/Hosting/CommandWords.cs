using System.Management.Automation;
using System.Management.Automation.Language;

namespace DockerPS.Module.Hosting;

/// <summary>
/// The words of a container's command, with what PowerShell's binder took out of them: single-letter options and the first <c>--</c>.
/// Docker's users write <c>ls -l /</c> and <c>git checkout -- file</c>. The binder says that <c>-l</c> was there, and only the source says where.
/// </summary>
internal static class CommandWords
{
    /// <summary>Before the command it is PowerShell's: what follows are no parameters. After its first word it is a word as others.</summary>
    public const string EndOfParameters = "--";

    /// <param name="statement">Source of the call.</param>
    /// <param name="parameter">The parameter that the binder takes a name for; null for a name that it passes on as a word.</param>
    /// <param name="lead">Parameter that the first word without a name is; null when the first such word is the command's.</param>
    /// <param name="words">The command's words as bound, without what the binder took.</param>
    /// <returns>All words in their order; null when the source does not tell (splatting, arrays, an option before the command).</returns>
    public static string[]? Restore(
        string statement, Func<string, ParameterMetadata?> parameter, string? lead, IReadOnlyList<string> words)
    {
        Ast script = Parser.ParseInput(statement, out _, out ParseError[] errors);
        if (errors.Length > 0 || script.Find(static ast => ast is CommandAst, searchNestedScriptBlocks: false) is not CommandAst command) return null;
        var restored = new List<string>();
        int taken = 0;
        bool ended = false;
        for (int i = 1; i < command.CommandElements.Count; i++)
        {
            CommandElementAst element = command.CommandElements[i];
            if (!ended && element.Extent.Text == EndOfParameters)
            {
                ended = true;
                if (restored.Count > 0) restored.Add(EndOfParameters);
                continue;
            }
            if (element is CommandParameterAst { ParameterName: string name } option)
            {
                switch (parameter(name))
                {
                    case { } letter when IsLetter(letter):
                        // Before the command it is meant for this cmdlet, as Docker's own -d is.
                        if (lead is not null || restored.Count == 0 || option.Argument is not null) return null;
                        restored.Add(option.Extent.Text);
                        continue;
                    case { } own:
                        if (own.Name == lead) lead = null;
                        if (!own.SwitchParameter && option.Argument is null) i++;
                        continue;
                }
            }
            else if (element is VariableExpressionAst { Splatted: true })
            {
                return null;
            }
            else if (lead is not null)
            {
                lead = null;
                continue;
            }

            if (taken == words.Count) return null;
            restored.Add(words[taken++]);
        }

        return taken == words.Count ? [.. restored] : null;
    }

    /// <summary>Whether a parameter only stands for an option of the container's command.</summary>
    public static bool IsLetter(ParameterMetadata parameter) => parameter.Name.Length == 1;
}
