using System.Management.Automation;
using System.Management.Automation.Host;

namespace DockerPS.Shell.Hosting;

/// <summary>The console's size and colours; screen buffers belong to another kind of console.</summary>
internal sealed class ShellRawUserInterface : PSHostRawUserInterface
{
    // What a table is formatted for where the output is no terminal, as in pwsh.
    private const int RedirectedWidth = 120;

    public override Size BufferSize
    {
        get => WindowSize;
        set { }
    }

    public override Size WindowSize
    {
        get => new(Width, Height);
        set { }
    }

    private static int Width => !Console.IsOutputRedirected && Console.WindowWidth > 0 ? Console.WindowWidth : RedirectedWidth;
    private static int Height => !Console.IsOutputRedirected && Console.WindowHeight > 0 ? Console.WindowHeight : 50;

    public override Size MaxWindowSize => WindowSize;
    public override Size MaxPhysicalWindowSize => WindowSize;
    public override Coordinates WindowPosition { get; set; }

    public override Coordinates CursorPosition
    {
        get => Console.IsOutputRedirected || Console.IsInputRedirected ? default : new(Console.CursorLeft, Console.CursorTop);
        set => Console.SetCursorPosition(value.X, value.Y);
    }

    // -1: the terminal's own, whatever they are.
    public override ConsoleColor ForegroundColor { get; set; } = (ConsoleColor)(-1);
    public override ConsoleColor BackgroundColor { get; set; } = (ConsoleColor)(-1);
    public override int CursorSize { get; set; } = 25;
    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override string WindowTitle
    {
        get => "";
        set
        {
            if (!Console.IsOutputRedirected)
                Console.Title = value;
        }
    }

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (Console.IsInputRedirected)
            throw new HostException("There is no terminal to read a key from.");
        ConsoleKeyInfo key = Console.ReadKey(options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, 0, keyDown: true);
    }

    public override void FlushInputBuffer() { }
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new PSNotSupportedException();
    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new PSNotSupportedException();
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new PSNotSupportedException();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // Clear-Host asks for exactly this.
        if (rectangle is { Left: -1, Top: -1, Right: -1, Bottom: -1 } && !Console.IsOutputRedirected)
            Console.Clear();
    }
}
