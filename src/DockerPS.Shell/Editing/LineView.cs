using System.Text;

namespace DockerPS.Shell.Editing;

/// <summary>Draws the prompt and the line, which may wrap over several rows, and leaves the cursor where it belongs.</summary>
internal sealed class LineView
{
    private readonly string _prompt;
    private readonly int _promptWidth;
    private int _row;

    public LineView(string prompt)
    {
        // Only the last line of a prompt shares its row with the text.
        int end = prompt.LastIndexOf('\n') + 1;
        Console.Write(prompt[..end]);
        _prompt = prompt[end..];
        _promptWidth = Width(_prompt);
    }

    public void Draw(EditBuffer buffer)
    {
        int columns = Math.Max(1, Console.WindowWidth);
        var output = new StringBuilder();
        if (_row > 0)
            output.Append($"\e[{_row}A");
        output.Append('\r').Append(_prompt).Append(buffer.Text);
        int end = _promptWidth + buffer.Text.Length;
        // A terminal waits at the last column for the next character; a space and a return take it to the next row.
        if (end > 0 && end % columns == 0)
            output.Append(" \r");
        output.Append("\e[J");

        int cursor = _promptWidth + buffer.Cursor;
        int up = end / columns - cursor / columns;
        if (up > 0)
            output.Append($"\e[{up}A");
        output.Append('\r');
        if (cursor % columns > 0)
            output.Append($"\e[{cursor % columns}C");
        _row = cursor / columns;
        Console.Write(output);
    }

    public void ClearScreen()
    {
        Console.Write("\e[H\e[2J");
        _row = 0;
    }

    /// <summary>Columns a text takes, its escape sequences (colours) aside.</summary>
    private static int Width(string text)
    {
        int width = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\e')
            {
                width++;
                continue;
            }
            while (at + 1 < text.Length && !char.IsLetter(text[++at]))
            {
            }
        }
        return width;
    }
}
