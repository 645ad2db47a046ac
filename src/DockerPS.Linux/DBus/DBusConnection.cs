using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DockerPS.Linux.DBus;

/// <summary>
/// A connection to a D-Bus: to the system's bus, or straight to one service's own socket. Calls one after the other; signals that come
/// meanwhile are kept.
/// </summary>
/// <remarks>https://dbus.freedesktop.org/doc/dbus-specification.html</remarks>
internal sealed class DBusConnection : IDisposable
{
    /// <summary>The longest message that D-Bus allows.</summary>
    public const int MessageLimit = 128 << 20;

    private const int Timeout = 30_000;
    private readonly string _path;
    private readonly Queue<DBusMessage> _signals = [];
    private int _socket;
    private uint _serial;

    private DBusConnection(string path, int socket)
    {
        _path = path;
        _socket = socket;
    }

    /// <summary>Connects and authenticates as this user.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="isBus">Behind it is a bus, which wants to be greeted, and not a single service.</param>
    /// <exception cref="LinuxException">Nobody listens there, or it will not have us.</exception>
    public static DBusConnection Open(string path, bool isBus)
    {
        int socket = LibC.TryConnectUnix(path);
        if (socket < 0) throw new LinuxException($"connect({path})", -socket);
        var connection = new DBusConnection(path, socket);
        try
        {
            connection.Authenticate();
            if (isBus) connection.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "", null);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Calls a method and returns its answer.</summary>
    /// <exception cref="DBusException">It answered with an error.</exception>
    /// <exception cref="LinuxException">The connection broke, or no answer came within 30 seconds.</exception>
    public DBusMessage Call(string destination, string path, string @interface, string member, string signature, Action<DBusWriter>? arguments)
    {
        var body = new DBusWriter();
        arguments?.Invoke(body);
        uint serial = ++_serial;
        DBusWriter message = Header(serial, (uint)body.Length, destination, path, @interface, member, signature);
        message.Append(body.Written);
        LibC.WriteAll(_socket, message.Written);
        while (true)
        {
            DBusMessage answer = Receive(Timeout);
            if (answer.Type == DBusMessageType.Signal) _signals.Enqueue(answer);
            if (answer.ReplyTo != serial) continue;
            if (answer.Type == DBusMessageType.Return) return answer;
            if (answer.Type != DBusMessageType.Error) continue;
            string text = answer.Signature.StartsWith('s') ? new DBusReader(answer.Body).Text() : answer.ErrorName ?? "error";
            throw new DBusException(answer.ErrorName ?? "", text);
        }
    }

    /// <summary>The next signal.</summary>
    public DBusMessage NextSignal(int timeout)
    {
        if (_signals.TryDequeue(out DBusMessage? kept)) return kept;
        while (true)
        {
            DBusMessage message = Receive(timeout);
            if (message.Type == DBusMessageType.Signal) return message;
        }
    }

    public void Dispose() => LibC.Close(ref _socket);

    private static DBusWriter Header(
        uint serial, uint bodyLength, string destination, string path, string @interface, string member, string signature)
    {
        var message = new DBusWriter();
        message.Byte((byte)'l');
        message.Byte((byte)DBusMessageType.Call);
        message.Byte(0);
        message.Byte(1);
        message.UInt32(bodyLength);
        message.UInt32(serial);
        List<(byte Code, string Type, string Value)> fields =
            [(1, "o", path), (2, "s", @interface), (3, "s", member), (6, "s", destination)];
        if (signature.Length > 0) fields.Add((8, "g", signature));
        message.Array(fields, 8, field =>
        {
            message.Align(8);
            message.Byte(field.Code);
            message.Signature(field.Type);
            if (field.Type == "g") message.Signature(field.Value);
            else message.Text(field.Value);
        });
        message.Align(8);
        return message;
    }

    private void Authenticate()
    {
        // EXTERNAL: the kernel tells the other side who we are; the name is our uid in decimal, in hexadecimal.
        byte[] user = Encoding.ASCII.GetBytes(LibC.geteuid().ToString(CultureInfo.InvariantCulture));
        // BEGIN goes along, as sd-bus does it: sent only after the answer, it may reach systemd in one read with the first message,
        // which systemd then leaves lying until something more comes.
        LibC.WriteAll(_socket, Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {Convert.ToHexString(user)}\r\nBEGIN\r\n"));
        var line = new StringBuilder();
        Span<byte> one = stackalloc byte[1];
        while (line.Length < 2 || line[^1] != '\n')
        {
            if (line.Length > 1024) throw Broken(Errno.EIO);
            ReadExactly(one, Timeout);
            line.Append((char)one[0]);
        }
        if (!line.ToString().StartsWith("OK", StringComparison.Ordinal))
            throw new LinuxException($"authenticate({_path}): {line.ToString().Trim()}", Errno.EACCES);
    }

    private DBusMessage Receive(int timeout)
    {
        Span<byte> head = stackalloc byte[16];
        ReadExactly(head, timeout);
        // The other side answers in its own byte order, which is this machine's.
        if (head[0] != (byte)'l') throw Broken(Errno.EIO);
        uint bodyLength = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        uint fieldsLength = BinaryPrimitives.ReadUInt32LittleEndian(head[12..]);
        if (bodyLength > MessageLimit || fieldsLength > MessageLimit) throw Broken(Errno.EIO);
        byte[] fields = new byte[(fieldsLength + 7) / 8 * 8];
        ReadExactly(fields, timeout);
        byte[] body = new byte[bodyLength];
        ReadExactly(body, timeout);
        var message = new DBusMessage { Type = (DBusMessageType)head[1], Body = body };
        message.ReadFields(fields.AsSpan(0, (int)fieldsLength));
        return message;
    }

    private unsafe void ReadExactly(Span<byte> buffer, int timeout)
    {
        while (!buffer.IsEmpty)
        {
            LibC.pollfd one = new() { Descriptor = _socket, Events = LibC.POLLIN };
            int ready = LibC.poll(&one, 1, timeout);
            if (ready == 0) throw Broken(Errno.ETIMEDOUT);
            if (ready < 0) continue;
            int count = LibC.TryRead(_socket, buffer);
            if (count <= 0) throw Broken(count < 0 ? -count : Errno.EPIPE);
            buffer = buffer[count..];
        }
    }

    private LinuxException Broken(int errno) => new($"read({_path})", errno);
}
