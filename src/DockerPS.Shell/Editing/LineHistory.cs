namespace DockerPS.Shell.Editing;

/// <summary>The lines entered so far, and the one being typed while walking through them.</summary>
internal sealed class LineHistory
{
    private readonly List<string> _lines = [];
    private string _typed = "";
    private int _at;

    public void Add(string line)
    {
        if (line.Length > 0 && (_lines.Count == 0 || _lines[^1] != line))
            _lines.Add(line);
        _at = _lines.Count;
    }

    /// <summary>The line before, or null at the first one.</summary>
    public string? Previous(string current)
    {
        if (_at == 0)
            return null;
        if (_at == _lines.Count)
            _typed = current;
        return _lines[--_at];
    }

    /// <summary>The line after, at last the one being typed; null when already there.</summary>
    public string? Next()
    {
        if (_at >= _lines.Count)
            return null;
        return ++_at == _lines.Count ? _typed : _lines[_at];
    }
}
