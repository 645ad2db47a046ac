using DockerPS.Shell.Editing;
using Xunit;

namespace DockerPS.Units.Shell;

public class LineHistoryTests
{
    private readonly LineHistory _history = new();

    [Fact]
    public void It_walks_back_and_returns_to_the_line_being_typed()
    {
        _history.Add("first");
        _history.Add("second");
        Assert.Equal("second", _history.Previous("half a li"));
        Assert.Equal("first", _history.Previous("second"));
        Assert.Null(_history.Previous("first"));
        Assert.Equal("second", _history.Next());
        Assert.Equal("half a li", _history.Next());
        Assert.Null(_history.Next());
    }

    [Fact]
    public void Empty_and_repeated_lines_are_not_kept()
    {
        _history.Add("once");
        _history.Add("");
        _history.Add("once");
        Assert.Equal("once", _history.Previous(""));
        Assert.Null(_history.Previous("once"));
    }
}
