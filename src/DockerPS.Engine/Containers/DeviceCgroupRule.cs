using System.Globalization;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>A rule of the device cgroup as Docker writes it: <c>c 10:229 rwm</c>, <c>b 8:* r</c>, <c>a *:* m</c>.</summary>
internal static class DeviceCgroupRule
{
    /// <exception cref="DockerArgumentException">InvalidDeviceCgroupRule.</exception>
    public static RuntimeDeviceRule Parse(string text)
    {
        string[] fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] numbers = fields.Length == 3 ? fields[1].Split(':') : [];
        if (numbers.Length == 2 && fields[0] is "a" or "b" or "c" && TryNumber(numbers[0], out long? major) && TryNumber(numbers[1], out long? minor)
            && fields[2].Length > 0 && !fields[2].AsSpan().ContainsAnyExcept("rwm"))
            return new RuntimeDeviceRule { Allow = true, Type = fields[0], Major = major, Minor = minor, Access = fields[2] };
        throw new DockerArgumentException(
            "InvalidDeviceCgroupRule",
            $"'{text}' is no rule for devices. Write a type (a, b or c), MAJOR:MINOR with * for any, and letters of rwm, such as 'c 10:229 rwm'.", text);
    }

    private static bool TryNumber(string text, out long? number)
    {
        bool any = text == "*";
        bool parsed = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value);
        number = parsed ? value : null;
        return any || parsed;
    }
}
