using DockerPS.Shell.Editing;
using Xunit;

namespace DockerPS.Units.Shell;

public class EditBufferTests
{
    private readonly EditBuffer _buffer = new();

    [Fact]
    public void Text_is_inserted_at_the_cursor()
    {
        _buffer.Set("Get-ainer", 4);
        _buffer.Insert("Cont");
        Assert.Equal(("Get-Container", 8), (_buffer.Text, _buffer.Cursor));
    }

    [Fact]
    public void The_cursor_stays_within_the_text()
    {
        _buffer.Set("a");
        _buffer.Right();
        Assert.Equal(1, _buffer.Cursor);
        _buffer.Home();
        _buffer.Left();
        _buffer.DeleteLeft();
        Assert.Equal(("a", 0), (_buffer.Text, _buffer.Cursor));
        _buffer.End();
        _buffer.DeleteRight();
        Assert.Equal("a", _buffer.Text);
    }

    [Fact]
    public void A_word_to_the_left_is_deleted_with_the_space_after_it()
    {
        _buffer.Set("Stop-Container web  ");
        _buffer.DeleteWordLeft();
        Assert.Equal("Stop-Container ", _buffer.Text);
    }

    [Fact]
    public void The_cursor_moves_by_words()
    {
        _buffer.Set("one two");
        _buffer.WordLeft();
        Assert.Equal(4, _buffer.Cursor);
        _buffer.WordLeft();
        Assert.Equal(0, _buffer.Cursor);
        _buffer.WordRight();
        Assert.Equal(3, _buffer.Cursor);
    }

    [Fact]
    public void A_completion_replaces_the_word_and_puts_the_cursor_after_it()
    {
        _buffer.Set("Get-Con | x", 7);
        _buffer.Replace(0, 7, "Get-Container");
        Assert.Equal(("Get-Container | x", 13), (_buffer.Text, _buffer.Cursor));
    }

    [Fact]
    public void The_line_is_cut_on_either_side_of_the_cursor()
    {
        _buffer.Set("left right", 5);
        _buffer.DeleteToEnd();
        Assert.Equal("left ", _buffer.Text);
        _buffer.Set("left right", 5);
        _buffer.DeleteToStart();
        Assert.Equal(("right", 0), (_buffer.Text, _buffer.Cursor));
    }
}
