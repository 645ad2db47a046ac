using System.Text;

namespace DockerPS.Engine.Images;

/// <summary>Words of a Dockerfile instruction: quotes, backslashes and <c>$NAME</c>, <c>${NAME}</c>.</summary>
internal static class ShellWords
{
    /// <exception cref="FormatException">A quote or brace is not closed.</exception>
    public static List<string> Split(string text, Func<string, string> variable)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            if (c == quote) quote = '\0';
            else if (quote == '\0' && c is ('"' or '\'')) quote = c;
            else if (c == '\\' && quote != '\'' && i + 1 < text.Length && (quote == '\0' || text[i + 1] is '"' or '\\' or '$')) word.Append(text[++i]);
            else if (c == '$' && quote != '\'') word.Append(Expand(text, ref i, variable));
            else word.Append(c);
        }

        if (quote != '\0') throw new FormatException($"a {quote} is not closed");
        if (inWord) words.Add(word.ToString());
        return words;
    }

    private static string Expand(string text, ref int i, Func<string, string> variable)
    {
        int start = i + 1;
        if (start < text.Length && text[start] == '{')
        {
            int close = text.IndexOf('}', start);
            if (close < 0) throw new FormatException("a { is not closed");
            i = close;
            return variable(text[(start + 1)..close]);
        }

        int end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        if (end == start) return "$";
        i = end - 1;
        return variable(text[start..end]);
    }
}
