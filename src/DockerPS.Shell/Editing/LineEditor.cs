using System.Management.Automation;

namespace DockerPS.Shell.Editing;

/// <summary>Reads a line from the terminal: editing keys, history, completion.</summary>
internal sealed class LineEditor(Func<string, int, CommandCompletion> complete)
{
    private readonly LineHistory _history = new();
    private readonly TabCompletion _completion = new(complete);
    private readonly EditBuffer _buffer = new();
    private LineView _view = new("");

    /// <summary>The line, or null when the user ends the session (Ctrl+D on an empty line).</summary>
    /// <exception cref="OperationCanceledException">Ctrl+C: the user wants none of it.</exception>
    public string? Read(string prompt)
    {
        _buffer.Set("");
        _view = new LineView(prompt);
        _view.Draw(_buffer);
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key.Key == ConsoleKey.Enter)
                    return Accept();
                if (IsControl(key, ConsoleKey.C))
                    return Abandon();
                if (IsControl(key, ConsoleKey.D) && _buffer.Text.Length == 0)
                    return Close();
                Apply(key);
                _view.Draw(_buffer);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private string Accept()
    {
        Finish();
        _history.Add(_buffer.Text);
        return _buffer.Text;
    }

    private string Abandon()
    {
        Finish();
        throw new OperationCanceledException();
    }

    private string? Close()
    {
        Finish();
        return null;
    }

    private void Finish()
    {
        _completion.End();
        _buffer.End();
        _view.Draw(_buffer);
        Console.WriteLine();
    }

    private void Apply(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Tab)
        {
            _completion.Step(_buffer, forward: !key.Modifiers.HasFlag(ConsoleModifiers.Shift));
            return;
        }
        _completion.End();
        Action? edit = (key.Modifiers.HasFlag(ConsoleModifiers.Control), key.Key) switch
        {
            (_, ConsoleKey.UpArrow) or (true, ConsoleKey.P) => () => Recall(_history.Previous(_buffer.Text)),
            (_, ConsoleKey.DownArrow) or (true, ConsoleKey.N) => () => Recall(_history.Next()),
            (true, ConsoleKey.LeftArrow) => _buffer.WordLeft,
            (true, ConsoleKey.RightArrow) => _buffer.WordRight,
            (_, ConsoleKey.LeftArrow) or (true, ConsoleKey.B) => _buffer.Left,
            (_, ConsoleKey.RightArrow) or (true, ConsoleKey.F) => _buffer.Right,
            (_, ConsoleKey.Home) or (true, ConsoleKey.A) => _buffer.Home,
            (_, ConsoleKey.End) or (true, ConsoleKey.E) => _buffer.End,
            (true, ConsoleKey.Backspace) or (true, ConsoleKey.W) => _buffer.DeleteWordLeft,
            (_, ConsoleKey.Backspace) or (true, ConsoleKey.H) => _buffer.DeleteLeft,
            (_, ConsoleKey.Delete) or (true, ConsoleKey.D) => _buffer.DeleteRight,
            (_, ConsoleKey.Escape) => () => _buffer.Set(""),
            (true, ConsoleKey.U) => _buffer.DeleteToStart,
            (true, ConsoleKey.K) => _buffer.DeleteToEnd,
            (true, ConsoleKey.L) => _view.ClearScreen,
            _ => char.IsControl(key.KeyChar) ? null : () => _buffer.Insert(key.KeyChar.ToString()),
        };
        edit?.Invoke();
    }

    private void Recall(string? line)
    {
        if (line is not null)
            _buffer.Set(line);
    }

    private static bool IsControl(ConsoleKeyInfo key, ConsoleKey letter) =>
        key.Key == letter && key.Modifiers.HasFlag(ConsoleModifiers.Control);
}
