using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Linux.DBus;
using DockerPS.Linux.Systemd;

namespace DockerPS.Runtime.Cgroups;

internal static partial class SystemdProperties
{
    /// <summary>
    /// Device rules for version 1, where systemd would else allow all devices again when it reloads. It has a list of what is allowed:
    /// devices by number, all of a driver by its name, or all of a type. Rules that deny are in the cgroup's own file.
    /// </summary>
    private static void AddDevices(List<UnitProperty> properties, List<DeviceRule> rules)
    {
        bool allowed = rules.Count > 0 && rules[0].IsForEverything && rules[0].Allow;
        var list = new List<(string Device, string Access)>();
        foreach (DeviceRule rule in rules)
        {
            if (!rule.Allow || rule.IsForEverything) continue;
            if (rule.Type != DeviceType.Block) AddDevice(list, "char", rule);
            if (rule.Type != DeviceType.Character) AddDevice(list, "block", rule);
        }
        properties.Add(new UnitProperty("DevicePolicy", DBusVariant.From(allowed ? "auto" : "strict")));
        // An empty list first: in an update the entries would be added to those there are.
        properties.Add(new UnitProperty("DeviceAllow", new DBusVariant("a(ss)", Array.Empty<(string, string)>())));
        if (!allowed) properties.Add(new UnitProperty("DeviceAllow", new DBusVariant("a(ss)", list)));
    }

    private static void AddDevice(List<(string Device, string Access)> list, string type, DeviceRule rule)
    {
        string access = "";
        if ((rule.Access & DeviceAccess.Read) != 0) access += "r";
        if ((rule.Access & DeviceAccess.Write) != 0) access += "w";
        if ((rule.Access & DeviceAccess.Make) != 0) access += "m";
        string? device = (rule.Major, rule.Minor) switch
        {
            (null, null) => type + "-*",
            ({ } major, { } minor) => string.Create(CultureInfo.InvariantCulture, $"/dev/{type}/{major}:{minor}"),
            ({ } major, null) => DriverOf(type, major) is { } driver ? $"{type}-{driver}" : null,
            // Every driver's device of one number: systemd has no word for it.
            _ => null,
        };
        if (device is not null) list.Add((device, access));
    }

    /// <summary>The name of a driver in /proc/devices, which lists character devices first.</summary>
    private static string? DriverOf(string type, long major)
    {
        string table = Encoding.ASCII.GetString(LibC.TryReadFile("/proc/devices") ?? []);
        bool inBlock = false;
        string number = major.ToString(CultureInfo.InvariantCulture);
        foreach (string line in table.Split('\n'))
        {
            if (line.StartsWith("Block", StringComparison.Ordinal)) inBlock = true;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[0] == number && inBlock == (type == "block")) return words[1];
        }
        return null;
    }
}
