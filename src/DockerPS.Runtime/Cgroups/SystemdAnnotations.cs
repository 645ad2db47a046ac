using System.Globalization;
using DockerPS.Linux;
using DockerPS.Linux.DBus;
using DockerPS.Linux.Systemd;

namespace DockerPS.Runtime.Cgroups;

/// <summary>
/// Annotations <c>org.systemd.property.NAME</c>: a property of the container's scope, its value in GVariant's text form
/// (<c>'text'</c>, <c>true</c>, <c>uint64 5</c>, <c>['a', 'b']</c>). A NAME that ends in <c>Sec</c> takes seconds.
/// </summary>
/// <remarks>https://docs.gtk.org/glib/gvariant-text-format.html</remarks>
internal static class SystemdAnnotations
{
    private const string Prefix = "org.systemd.property.";

    /// <exception cref="LinuxException">EINVAL: names the annotation that makes no sense.</exception>
    public static List<UnitProperty> Properties(Dictionary<string, string>? annotations)
    {
        var properties = new List<UnitProperty>();
        foreach ((string key, string text) in annotations ?? [])
        {
            if (!key.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string name = key[Prefix.Length..];
            DBusVariant? value = IsName(name) ? GVariantText.Parse(text) : null;
            if (value is null)
                throw new LinuxException($"annotations[\"{key}\"]: \"{text}\" cannot be a property of a systemd unit", Errno.EINVAL);
            properties.Add(InMicroseconds(name, value.Value) ?? new UnitProperty(name, value.Value));
        }
        return properties;
    }

    private static bool IsName(string name)
    {
        foreach (char c in name)
            if (!char.IsAsciiLetter(c)) return false;
        return name.Length >= 3;
    }

    /// <summary>What unit files call TimeoutStopSec is TimeoutStopUSec on the bus.</summary>
    private static UnitProperty? InMicroseconds(string name, DBusVariant value)
    {
        if (!name.EndsWith("Sec", StringComparison.Ordinal) || name.EndsWith("USec", StringComparison.Ordinal)) return null;
        if (value.Signature is not ("y" or "n" or "q" or "i" or "u" or "x" or "t" or "d")) return null;
        double seconds = Convert.ToDouble(value.Value, CultureInfo.InvariantCulture);
        return seconds < 0 ? null : new UnitProperty(name[..^3] + "USec", DBusVariant.From((ulong)(seconds * 1_000_000)));
    }
}
