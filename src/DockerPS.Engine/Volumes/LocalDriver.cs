using System.Net;
using System.Net.Sockets;

namespace DockerPS.Engine.Volumes;

/// <summary>
/// What the options of a volume ask for: <c>type</c>, <c>device</c> and <c>o</c>, as Docker's local driver takes them from mount(8). Nothing of
/// it is mounted on the host: each container's supervisor mounts it for its container.
/// </summary>
internal sealed record LocalDriver
{
    private static readonly string[] Keys = ["type", "device", "o"];

    /// <summary>A directory of the host that is the volume; null for another kind.</summary>
    public string? Bind { get; private init; }

    /// <summary>Type of the file system to mount; null for a directory.</summary>
    public string? Type { get; private init; }

    public string Device { get; private init; } = "";

    /// <summary>Options of mount(8).</summary>
    public IReadOnlyList<string> Options { get; private init; } = [];

    /// <summary>The data are in the volume's own directory.</summary>
    public bool IsPlain => Bind is null && Type is null;

    /// <exception cref="DockerArgumentException">InvalidVolumeOption.</exception>
    public static LocalDriver Parse(IReadOnlyDictionary<string, string> options)
    {
        foreach (string key in options.Keys)
            if (!Keys.Contains(key)) throw Wrong(key, $"'{key}' is no option of a volume. Use type, device and o.");
        string type = options.GetValueOrDefault("type", ""), device = options.GetValueOrDefault("device", "");
        List<string> given = [.. options.GetValueOrDefault("o", "").Split(',', StringSplitOptions.RemoveEmptyEntries)];
        if (type.Length == 0 && device.Length == 0 && given.Count == 0) return new LocalDriver();
        bool binds = type == "bind" || given.Contains("bind") || given.Contains("rbind");
        if (binds)
        {
            if (!device.StartsWith('/')) throw Wrong(device, "A volume of type bind needs device, an absolute path of the host.");
            return new LocalDriver { Bind = device, Options = [.. given.Where(o => o is not ("bind" or "rbind"))] };
        }

        if (type.Length == 0 || type == "none") throw Wrong(type, "The volume's options have no type. Add type=tmpfs, type=nfs or type=bind, or the type of the device's file system.");
        if (device.Length == 0 && type != "tmpfs") throw Wrong(type, $"A volume of type {type} needs device. Add it, for example device=:/export for nfs or device=/dev/sdb1.");
        return new LocalDriver { Type = type, Device = device.Length > 0 ? device : type, Options = given };
    }

    /// <summary>The options with the host of <c>addr=</c> as a number, which is all that the kernel takes.</summary>
    /// <exception cref="DockerEnvironmentException">VolumeServerUnknown.</exception>
    public IReadOnlyList<string> Resolved() => [.. Options.Select(option =>
    {
        const string Address = "addr=";
        if (!option.StartsWith(Address, StringComparison.Ordinal) || IPAddress.TryParse(option[Address.Length..], out _)) return option;
        try
        {
            return Address + Dns.GetHostAddresses(option[Address.Length..])[0];
        }
        catch (SocketException e)
        {
            throw new DockerEnvironmentException(
                "VolumeServerUnknown", $"The volume's server '{option[Address.Length..]}' has no address: {e.Message}. Check the name, or write its number.", option, e);
        }
    })];

    private static DockerArgumentException Wrong(string value, string text) => new("InvalidVolumeOption", text, value);
}
