namespace DockerPS.Shell.Editing;

/// <summary>A line and a cursor in it; what the keys do to them, without a terminal.</summary>
internal sealed class EditBuffer
{
    public string Text { get; private set; } = "";
    public int Cursor { get; private set; }

    public void Set(string text, int? cursor = null)
    {
        Text = text;
        Cursor = Math.Clamp(cursor ?? text.Length, 0, text.Length);
    }

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Replace(int start, int length, string text)
    {
        Text = Text.Remove(start, length).Insert(start, text);
        Cursor = start + text.Length;
    }

    public void Left() => Cursor = Math.Max(0, Cursor - 1);
    public void Right() => Cursor = Math.Min(Text.Length, Cursor + 1);
    public void Home() => Cursor = 0;
    public void End() => Cursor = Text.Length;
    public void WordLeft() => Cursor = PreviousWord();
    public void WordRight() => Cursor = NextWord();

    public void DeleteLeft()
    {
        if (Cursor > 0)
            DeleteTo(Cursor - 1);
    }

    public void DeleteRight()
    {
        if (Cursor < Text.Length)
            Text = Text.Remove(Cursor, 1);
    }

    public void DeleteWordLeft() => DeleteTo(PreviousWord());
    public void DeleteToStart() => DeleteTo(0);
    public void DeleteToEnd() => Text = Text[..Cursor];

    private void DeleteTo(int start)
    {
        Text = Text.Remove(start, Cursor - start);
        Cursor = start;
    }

    private int PreviousWord()
    {
        int at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(Text[at - 1]))
            at--;
        while (at > 0 && char.IsLetterOrDigit(Text[at - 1]))
            at--;
        return at;
    }

    private int NextWord()
    {
        int at = Cursor;
        while (at < Text.Length && !char.IsLetterOrDigit(Text[at]))
            at++;
        while (at < Text.Length && char.IsLetterOrDigit(Text[at]))
            at++;
        return at;
    }
}
