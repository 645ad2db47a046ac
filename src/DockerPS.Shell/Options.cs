namespace DockerPS.Shell;

/// <summary>What the command line asks for: a file, a command, or a prompt.</summary>
internal sealed record Options
{
    public string? File { get; init; }
    public string? Command { get; init; }
    public string? Error { get; init; }
    public bool Help { get; init; }
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public const string Usage = """
        usage: DockerPS.Shell [FILE.ps1 [arguments]]
               DockerPS.Shell -File FILE.ps1 [arguments]
               DockerPS.Shell -Command TEXT
        Without a file or a command it prompts, or reads commands from a redirected standard input.
        """;

    public static Options Parse(string[] arguments)
    {
        // Options that other hosts know and that change nothing here are accepted, so that scripts can pass them.
        int at = 0;
        while (at < arguments.Length && Is(arguments[at], "-NoProfile", "-NoLogo", "-NonInteractive"))
            at++;
        if (at == arguments.Length)
            return new Options();

        string first = arguments[at];
        string[] rest = arguments[(at + 1)..];
        if (Is(first, "-Help", "-h", "--help", "-?"))
            return new Options { Help = true };
        if (Is(first, "-Command", "-c"))
            return rest.Length == 0 ? Wrong("-Command needs a text.") : new Options { Command = string.Join(' ', rest) };
        if (Is(first, "-File", "-f"))
            return rest.Length == 0 ? Wrong("-File needs a path.") : new Options { File = rest[0], Arguments = rest[1..] };
        if (first.StartsWith('-'))
            return Wrong($"'{first}' is not an option of this shell.");
        return new Options { File = first, Arguments = rest };
    }

    private static Options Wrong(string error) => new() { Error = error };

    private static bool Is(string argument, params string[] names) =>
        names.Contains(argument, StringComparer.OrdinalIgnoreCase);
}
