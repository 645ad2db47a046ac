using System.Text;
using DockerPS.Module.Hosting;
using Xunit;

namespace DockerPS.Units.Module;

public class StreamTests
{
    [Fact]
    public void Lines_come_when_they_are_whole_and_the_last_when_it_ends()
    {
        var splitter = new LineSplitter(tty: false);
        Assert.Equal(["a", ""], splitter.Add("a\n\nb"u8));
        Assert.Equal(["bc"], splitter.Add("c\n"u8));
        Assert.Empty(splitter.Finish());
        Assert.Empty(splitter.Add("rest"u8));
        Assert.Equal(["rest"], splitter.Finish());
        Assert.Empty(splitter.Finish());
    }

    [Fact]
    public void A_character_torn_between_chunks_is_whole_in_its_line()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("grüße 🐳\n");
        var splitter = new LineSplitter(tty: false);
        List<string> lines = [];
        foreach (byte one in bytes) lines.AddRange(splitter.Add([one]));
        Assert.Equal(["grüße 🐳"], lines);
    }

    [Theory]
    [InlineData(true, "a")]
    [InlineData(false, "a\r")]
    public void Only_a_terminals_carriage_return_is_trimmed(bool tty, string line) =>
        Assert.Equal([line], new LineSplitter(tty).Add("a\r\n"u8));

    [Fact]
    public async Task Input_is_lines_of_text_and_bytes_as_they_are()
    {
        var input = new PipelineInput();
        await input.SendAsync("ä", default);
        await input.SendAsync(new byte[] { 0, 255 }, default);
        await input.SendAsync((byte)10, default);
        await input.SendAsync(42, default);
        input.Complete();
        using var copy = new MemoryStream();
        await input.CopyToAsync(copy);
        Assert.Equal([0xC3, 0xA4, 10, 0, 255, 10, (byte)'4', (byte)'2', 10], copy.ToArray());
    }

    [Fact]
    public async Task Input_that_nobody_reads_any_more_is_dropped()
    {
        var input = new PipelineInput();
        input.Complete();
        await input.SendAsync("late", default).WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_slow_reader_holds_the_writer()
    {
        var input = new PipelineInput();
        Task sending = Task.Run(async () => { for (int i = 0; i < 1000; i++) await input.SendAsync("x", default); });
        Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(50)));
        Task<int> reading = Task.Run(async () =>
        {
            int count = 0;
            var buffer = new byte[4096];
            for (int n; (n = await input.ReadAsync(buffer.AsMemory())) > 0;) count += n;
            return count;
        });
        await sending.WaitAsync(TimeSpan.FromSeconds(10));
        input.Complete();
        Assert.Equal(2000, await reading.WaitAsync(TimeSpan.FromSeconds(10)));
    }
}
