namespace DockerPS.Runtime.Commands;

/// <summary>
/// The command line of an OCI verb. Options are written <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>, and with one dash
/// as well as with two, as tools that drive runc do.
/// </summary>
internal sealed class VerbArguments
{
    private readonly List<(string Name, string Value)> _options = [];

    private VerbArguments()
    {
    }

    /// <summary>What is no option.</summary>
    public List<string> Positional { get; } = [];

    /// <summary>The options were asked for.</summary>
    public bool Help { get; private set; }

    /// <param name="arguments">What follows the verb.</param>
    /// <param name="table">Each option: its names, the first of which is used here, divided by <c>|</c>; at the end <c>=</c> when it takes a value.</param>
    /// <param name="leading">Options end at the first other word, as what follows belongs to another program.</param>
    /// <exception cref="CommandException">An option that is not in the table, or lacks its value.</exception>
    public static VerbArguments Parse(ReadOnlySpan<string> arguments, ReadOnlySpan<string> table, bool leading = false)
    {
        var result = new VerbArguments();
        for (int i = 0; i < arguments.Length; i++)
        {
            string word = arguments[i];
            if (word == "--")
            {
                result.Positional.AddRange(arguments[(i + 1)..]);
                break;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                result.Positional.Add(word);
                if (!leading) continue;
                result.Positional.AddRange(arguments[(i + 1)..]);
                break;
            }

            i += result.Option(word, i + 1 < arguments.Length ? arguments[i + 1] : null, table);
        }

        return result;
    }

    public bool Has(string name) => _options.Exists(o => o.Name == name && o.Value != "false");

    /// <summary>The last value given; null when there is none.</summary>
    public string? Value(string name) => _options.FindLast(o => o.Name == name) is { Name: not null } option ? option.Value : null;

    public IEnumerable<string> Values(string name) => _options.Where(o => o.Name == name).Select(o => o.Value);

    /// <summary>A number that is not negative; null when it is not given.</summary>
    public int? Number(string name)
    {
        if (Value(name) is not { } text) return null;
        return int.TryParse(text, out int number) && number >= 0
            ? number
            : throw new CommandException($"--{name}: '{text}' is no number.");
    }

    /// <summary>The one word that is no option.</summary>
    public string Single(string verb) => Positional.Count == 1
        ? Positional[0]
        : throw new CommandException($"\"{verb}\" takes the id of one container; {Positional.Count} were given. '{verb} --help' shows how.");

    /// <summary>Returns how many further words it took.</summary>
    private int Option(string word, string? next, ReadOnlySpan<string> table)
    {
        string name = word.TrimStart('-');
        string? value = null;
        int equals = name.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0) (name, value) = (name[..equals], name[(equals + 1)..]);
        if (name is "help" or "h" && value is null)
        {
            Help = true;
            return 0;
        }

        foreach (string entry in table)
        {
            bool takesValue = entry.EndsWith('=');
            string[] names = entry.TrimEnd('=').Split('|');
            if (Array.IndexOf(names, name) < 0) continue;
            if (!takesValue)
            {
                _options.Add((names[0], value ?? "true"));
                return 0;
            }

            _options.Add((names[0], value ?? next ?? throw new CommandException($"flag needs an argument: {word}")));
            return value is null ? 1 : 0;
        }

        throw new CommandException($"flag provided but not defined: {word}. See --help.");
    }
}
