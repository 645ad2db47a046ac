using System.Security.Cryptography;

namespace DockerPS.Engine.Containers;

/// <summary>Names and ids of containers.</summary>
internal static class ContainerNames
{
    /// <summary>64 random hexadecimal digits. Never digits alone in the first 12, which a shell would take for a number.</summary>
    public static string NewId()
    {
        while (true)
        {
            string id = RandomNumberGenerator.GetHexString(64, lowercase: true);
            if (id.AsSpan(0, 12).ContainsAnyInRange('a', 'f')) return id;
        }
    }

    /// <summary>An adjective and a noun; after some attempts at a free one with a number, so that it ends.</summary>
    public static string NewName(int attempt)
    {
        string name = RandomNumberGenerator.GetItems<string>(ContainerNameWords.Adjectives, 1)[0] + "-"
            + RandomNumberGenerator.GetItems<string>(ContainerNameWords.Nouns, 1)[0];
        return attempt < 5 ? name : name + "-" + RandomNumberGenerator.GetHexString(4, lowercase: true);
    }

    /// <summary>Docker's grammar: a letter or digit, then at least one of letters, digits, <c>_</c>, <c>.</c> and <c>-</c>.</summary>
    public static bool IsName(string name)
    {
        if (name.Length < 2 || !char.IsAsciiLetterOrDigit(name[0])) return false;
        foreach (char c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')) return false;
        return true;
    }

    /// <exception cref="DockerArgumentException">InvalidName.</exception>
    public static void CheckName(string name)
    {
        if (IsName(name)) return;
        throw new DockerArgumentException(
            "InvalidName",
            $"'{name}' cannot be a container's name. Use two or more letters, digits, '_', '.' and '-', beginning with a letter or digit.",
            name);
    }

    /// <summary>Whether a text can be the beginning of an id.</summary>
    public static bool IsIdPrefix(string text) =>
        text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
