using DockerPS.Linux.DBus;

namespace DockerPS.Linux.Systemd;

/// <summary>
/// systemd's methods for transient units. As root over its private socket, which needs no message bus to run; else over the system's bus.
/// What systemd refuses is a <see cref="LinuxException"/> with its words and the nearest errno.
/// </summary>
/// <remarks>https://systemd.io/CONTROL_GROUP_INTERFACE/</remarks>
public sealed class SystemdConnection : IDisposable
{
    private const string Service = "org.freedesktop.systemd1", ManagerPath = "/org/freedesktop/systemd1";
    private const string Manager = "org.freedesktop.systemd1.Manager", PrivateSocket = "/run/systemd/private";
    private const string SystemBus = "/run/dbus/system_bus_socket";
    private const int JobTimeout = 60_000;
    private readonly DBusConnection _bus;

    private SystemdConnection(DBusConnection bus) => _bus = bus;

    /// <exception cref="LinuxException">ENOENT: systemd does not run here.</exception>
    public static SystemdConnection Open()
    {
        // As sd_booted(3) does.
        if (!Directory.Exists("/run/systemd/system"))
            throw new LinuxException("systemd does not run here, so use --cgroup-manager cgroupfs: stat(/run/systemd/system)", Errno.ENOENT);
        DBusConnection bus = LibC.geteuid() == 0 && File.Exists(PrivateSocket)
            ? DBusConnection.Open(PrivateSocket, isBus: false)
            : DBusConnection.Open(BusPath(), isBus: true);
        return new SystemdConnection(bus);
    }

    /// <summary>Makes and starts a unit that is in no file, and waits until it runs.</summary>
    /// <exception cref="LinuxException">EEXIST: there is such a unit. EINVAL: systemd does not know a property, or not such a value.</exception>
    public void StartTransientUnit(string unit, IReadOnlyList<UnitProperty> properties)
    {
        Subscribe();
        string job = Call("StartTransientUnit", unit, "ssa(sv)a(sa(sv))", w =>
        {
            w.Text(unit);
            w.Text("replace");
            WriteProperties(w, properties);
            w.Array<int>([], 8, _ => { });
        });
        string result = AwaitJob(job);
        if (result != "done") throw new LinuxException($"systemd: StartTransientUnit({unit}): the job ended as \"{result}\"", Errno.EIO);
    }

    /// <summary>Stops a unit and waits for that. One that is not there is fine.</summary>
    public void StopUnit(string unit)
    {
        Subscribe();
        try
        {
            AwaitJob(Call("StopUnit", unit, "ss", w =>
            {
                w.Text(unit);
                w.Text("replace");
            }));
        }
        catch (LinuxException e) when (e.Number == Errno.ENOENT)
        {
        }
    }

    /// <summary>Lets systemd forget that a unit failed (for lack of memory, for instance), so that its name is free.</summary>
    public void ResetFailedUnit(string unit)
    {
        try
        {
            Call("ResetFailedUnit", unit, "s", w => w.Text(unit), answers: false);
        }
        catch (LinuxException e) when (e.Number == Errno.ENOENT)
        {
        }
    }

    /// <summary>Changes properties until the unit or the machine ends.</summary>
    public void SetUnitProperties(string unit, IReadOnlyList<UnitProperty> properties) => Call("SetUnitProperties", unit, "sba(sv)", w =>
    {
        w.Text(unit);
        w.UInt32(1);
        WriteProperties(w, properties);
    }, answers: false);

    /// <summary>systemd's version: 252 of <c>252.39-1~deb12u1</c>; 0 when it says something else.</summary>
    public int Version()
    {
        try
        {
            DBusMessage answer = _bus.Call(Service, ManagerPath, "org.freedesktop.DBus.Properties", "Get", "ss", w =>
            {
                w.Text(Manager);
                w.Text("Version");
            });
            var body = new DBusReader(answer.Body);
            return body.Signature() == "s" ? ParseVersion(body.Text()) : 0;
        }
        catch (DBusException)
        {
            return 0;
        }
    }

    /// <summary>The first run of digits.</summary>
    internal static int ParseVersion(string text)
    {
        int version = 0;
        bool began = false;
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c)) (version, began) = ((version * 10) + (c - '0'), true);
            else if (began) break;
            if (version > 100_000) break;
        }
        return version;
    }

    public void Dispose() => _bus.Dispose();

    /// <summary>Only who subscribed is told of jobs.</summary>
    private void Subscribe()
    {
        try
        {
            _bus.Call(Service, ManagerPath, Manager, "Subscribe", "", null);
        }
        catch (DBusException e) when (e.Name.EndsWith(".AlreadySubscribed", StringComparison.Ordinal))
        {
        }
    }

    private string Call(string member, string unit, string signature, Action<DBusWriter> arguments, bool answers = true)
    {
        try
        {
            DBusMessage answer = _bus.Call(Service, ManagerPath, Manager, member, signature, arguments);
            return answers ? new DBusReader(answer.Body).Text() : "";
        }
        catch (DBusException e)
        {
            throw new LinuxException($"systemd: {member}({unit}): {e.Message}", ErrnoOf(e.Name));
        }
    }

    /// <summary>JobRemoved: number, path, unit and result of a job that has ended.</summary>
    private string AwaitJob(string job)
    {
        while (true)
        {
            DBusMessage signal = _bus.NextSignal(JobTimeout);
            if (signal.Member != "JobRemoved" || signal.Signature != "uoss") continue;
            var body = new DBusReader(signal.Body);
            body.UInt32();
            if (body.Text() != job) continue;
            body.Text();
            return body.Text();
        }
    }

    private static void WriteProperties(DBusWriter writer, IReadOnlyList<UnitProperty> properties) => writer.Array(properties, 8, property =>
    {
        writer.Align(8);
        writer.Text(property.Name);
        writer.Variant(property.Value);
    });

    private static int ErrnoOf(string name) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "UnitExists" => Errno.EEXIST,
        "NoSuchUnit" => Errno.ENOENT,
        "AccessDenied" or "InteractiveAuthorizationRequired" => Errno.EACCES,
        "InvalidArgs" or "PropertyReadOnly" or "UnknownProperty" or "BadUnitSetting" => Errno.EINVAL,
        "Timeout" or "NoReply" => Errno.ETIMEDOUT,
        "ServiceUnknown" or "NameHasNoOwner" => Errno.ECONNREFUSED,
        _ => Errno.EIO,
    };

    private static string BusPath()
    {
        const string Variable = "DBUS_SYSTEM_BUS_ADDRESS", Prefix = "unix:path=";
        string? address = Environment.GetEnvironmentVariable(Variable);
        if (address is null || !address.StartsWith(Prefix, StringComparison.Ordinal)) return SystemBus;
        int end = address.AsSpan().IndexOfAny(',', ';');
        return end < 0 ? address[Prefix.Length..] : address[Prefix.Length..end];
    }
}
