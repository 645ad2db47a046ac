using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace DockerPS.Shell;

/// <summary>Turns an argument of the command line into script text that means the same.</summary>
internal static partial class ScriptArgument
{
    [GeneratedRegex(@"^(-[A-Za-z_?][\w-]*)(?::(.*))?$", RegexOptions.Singleline)]
    private static partial Regex ParameterName();

    /// <summary><c>-Name</c> and <c>-Name:value</c> stay parameters; all else is a literal string.</summary>
    public static string Quote(string argument)
    {
        Match match = ParameterName().Match(argument);
        if (!match.Success)
            return Literal(argument);
        if (!match.Groups[2].Success)
            return match.Groups[1].Value;
        string value = match.Groups[2].Value.ToUpperInvariant() switch
        {
            "$TRUE" => "$true",
            "$FALSE" => "$false",
            _ => Literal(match.Groups[2].Value),
        };
        return $"{match.Groups[1].Value}:{value}";
    }

    public static string Literal(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
