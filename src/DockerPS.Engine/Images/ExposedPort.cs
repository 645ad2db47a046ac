using System.Globalization;

namespace DockerPS.Engine.Images;

/// <summary>Ports as EXPOSE writes them: <c>80</c>, <c>53/udp</c>, <c>7000-7010/tcp</c>.</summary>
internal static class ExposedPort
{
    /// <summary>One <c>port/protocol</c> for each port.</summary>
    /// <exception cref="DockerArgumentException">InvalidImageConfig.</exception>
    public static IEnumerable<string> Parse(string text)
    {
        string[] parts = text.Split('/');
        string protocol = parts.Length == 2 ? parts[1].ToLowerInvariant() : "tcp";
        string[] range = parts[0].Split('-');
        if (parts.Length > 2 || range.Length > 2 || protocol is not ("tcp" or "udp" or "sctp")
            || !TryPort(range[0], out int first) || !TryPort(range[^1], out int last) || last < first)
        {
            throw ImageConfigurations.Invalid(
                $"'{text}' is not a port: write a number from 1 to 65535, or a range, with /tcp, /udp or /sctp when it is not tcp.", text);
        }

        return Enumerable.Range(first, last - first + 1).Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}"));
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
