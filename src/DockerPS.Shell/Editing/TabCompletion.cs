using System.Management.Automation;

namespace DockerPS.Shell.Editing;

/// <summary>Walks through the completions of a word: Tab the next, Shift+Tab the previous, any other key ends it.</summary>
internal sealed class TabCompletion(Func<string, int, CommandCompletion> complete)
{
    private CommandCompletion? _completion;
    private int _length;

    public void End() => _completion = null;

    public void Step(EditBuffer buffer, bool forward)
    {
        if (_completion is null)
        {
            CommandCompletion found = complete(buffer.Text, buffer.Cursor);
            if (found.CompletionMatches.Count == 0)
                return;
            _completion = found;
            _length = found.ReplacementLength;
        }
        CompletionResult result = _completion.GetNextResult(forward);
        buffer.Replace(_completion.ReplacementIndex, _length, result.CompletionText);
        _length = result.CompletionText.Length;
    }
}
