namespace DockerPS.Linux.DBus;

/// <summary>The other side of a D-Bus answered with an error.</summary>
/// <param name="name"><c>org.freedesktop.systemd1.UnitExists</c>.</param>
/// <param name="text">Its words.</param>
internal sealed class DBusException(string name, string text) : IOException(text)
{
    public string Name { get; } = name;
}
