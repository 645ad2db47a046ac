using System.Globalization;
using System.Text;
using DockerPS.Linux.DBus;

namespace DockerPS.Runtime.Cgroups;

/// <summary>Values in GVariant's text form, as far as properties of units have use for it: booleans, numbers, strings, arrays of those.</summary>
/// <remarks>https://docs.gtk.org/glib/gvariant-text-format.html</remarks>
internal ref struct GVariantText
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private GVariantText(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Null when it is not such a value.</summary>
    public static DBusVariant? Parse(string text)
    {
        var parser = new GVariantText(text);
        DBusVariant? value = parser.Value(null);
        parser.SkipBlanks();
        return parser._at == text.Length ? value : null;
    }

    private DBusVariant? Value(string? type)
    {
        SkipBlanks();
        if (_at == _text.Length) return null;
        char first = _text[_at];
        if (first == '@') return Annotated();
        if (first == '[') return List(type);
        if (first is '\'' or '"') return Text(first) is { } text && type is null or "s" or "o" ? new DBusVariant(type ?? "s", text) : null;
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '+' or '.')) _at++;
        string word = _text[start.._at].ToString();
        return word switch
        {
            "" => null,
            "true" or "false" => type is null or "b" ? new DBusVariant("b", word == "true") : null,
            "boolean" => Value("b"),
            "byte" => Value("y"),
            "int16" => Value("n"),
            "uint16" => Value("q"),
            "int32" => Value("i"),
            "uint32" => Value("u"),
            "int64" => Value("x"),
            "uint64" => Value("t"),
            "double" => Value("d"),
            "string" => Value("s"),
            "objectpath" => Value("o"),
            _ => Number(type ?? (word.AsSpan().IndexOfAny('.', 'e') >= 0 && !word.StartsWith("0x", StringComparison.Ordinal) ? "d" : "i"), word),
        };
    }

    /// <summary><c>@as []</c>.</summary>
    private DBusVariant? Annotated()
    {
        int start = ++_at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at])) _at++;
        string type = _text[start.._at].ToString();
        bool known = type.Length is 1 or 2 && "bynqiuxtdso".Contains(type[^1]) && (type.Length == 1 || type[0] == 'a');
        return known ? Value(type) : null;
    }

    private DBusVariant? List(string? type)
    {
        if (type is not null && type[0] != 'a') return null;
        string? element = type?[1..];
        var items = new List<object>();
        _at++;
        for (SkipBlanks(); _at < _text.Length && _text[_at] != ']'; SkipBlanks())
        {
            if (items.Count > 0)
            {
                if (_text[_at++] != ',') return null;
            }
            if (Value(element) is not { } item || item.Signature.Length != 1) return null;
            element = item.Signature;
            items.Add(item.Value);
        }
        if (_at == _text.Length || element is null) return null;
        _at++;
        return new DBusVariant("a" + element, items);
    }

    private string? Text(char quote)
    {
        var text = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            char c = _text[_at];
            if (c == quote)
            {
                _at++;
                return text.ToString();
            }
            if (c == '\\' && ++_at < _text.Length)
            {
                c = _text[_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', 'v' => '\v', 'a' => '\a', var other => other };
            }
            text.Append(c);
        }
        return null;
    }

    private static DBusVariant? Number(string type, string word)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        bool hex = word.StartsWith("0x", StringComparison.Ordinal);
        string digits = hex ? word[2..] : word;
        NumberStyles style = hex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
        object? value = type switch
        {
            "y" => byte.TryParse(digits, style, culture, out byte y) ? y : null,
            "n" => short.TryParse(digits, style, culture, out short n) ? n : null,
            "q" => ushort.TryParse(digits, style, culture, out ushort q) ? q : null,
            "i" => int.TryParse(digits, style, culture, out int i) ? i : null,
            "u" => uint.TryParse(digits, style, culture, out uint u) ? u : null,
            "x" => long.TryParse(digits, style, culture, out long x) ? x : null,
            "t" => ulong.TryParse(digits, style, culture, out ulong t) ? t : null,
            "d" => double.TryParse(word, NumberStyles.Float, culture, out double d) ? d : null,
            _ => null,
        };
        return value is null ? null : new DBusVariant(type, value);
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }
}
