using DockerPS.Linux.DBus;

namespace DockerPS.Linux.Systemd;

/// <summary>A property of a systemd unit: <c>MemoryMax</c>, <c>Delegate</c>.</summary>
/// <remarks>https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html</remarks>
public sealed record UnitProperty(string Name, DBusVariant Value);
