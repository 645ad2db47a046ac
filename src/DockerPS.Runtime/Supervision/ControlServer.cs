using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Supervision;

/// <summary>control.sock: one request a connection, one line each way. A connection that waits for the end is answered then.</summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>More at once wait in the socket's backlog.</summary>
    public const int MaxConnections = 64;

    private const int LineLimit = 64 * 1024;
    private readonly List<Connection> _connections = [];
    private readonly string _path;
    private int _listener;

    public ControlServer(string path)
    {
        _path = path;
        _listener = LibC.ListenUnix(path, 128);
    }

    public int Listener => _listener;

    public int Count => _connections.Count;

    /// <summary>The descriptor of a connection.</summary>
    public int Descriptor(int index) => _connections[index].Descriptor;

    public void Accept()
    {
        while (_connections.Count < MaxConnections)
        {
            int fd = AcceptOne();
            if (fd < 0) return;
            _connections.Add(new Connection { Descriptor = fd });
        }
    }

    /// <summary>Reads from a connection; the request when its line is whole, null while it is not. One that breaks is dropped.</summary>
    public ControlRequest? Receive(int index, out bool dropped)
    {
        Connection connection = _connections[index];
        dropped = false;
        Span<byte> room = stackalloc byte[1024];
        while (true)
        {
            int length = LibC.TryRead(connection.Descriptor, room);
            if (length == -Errno.EAGAIN) return null;
            if (length <= 0 || connection.Line.Length + length > LineLimit || connection.Waiting)
            {
                dropped = true;
                return null;
            }

            connection.Line = [.. connection.Line, .. room[..length]];
            int end = connection.Line.AsSpan().IndexOf((byte)'\n');
            if (end < 0) continue;
            try
            {
                return BundleFiles.ReadControlRequest(connection.Line.AsMemory(0, end));
            }
            catch (JsonException)
            {
                dropped = true;
                return null;
            }
        }
    }

    /// <summary>Answer this one when the container has ended.</summary>
    public void KeepWaiting(int index) => _connections[index].Waiting = true;

    public void Reply(int index, ControlReply reply)
    {
        LibC.TryWrite(_connections[index].Descriptor, LineOf(reply));
        Drop(index);
    }

    /// <summary>Answers, and leaves the connection open: its end says that whoever asked is gone.</summary>
    public void ReplyAndKeep(int index, ControlReply reply)
    {
        LibC.TryWrite(_connections[index].Descriptor, LineOf(reply));
        KeepWaiting(index);
    }

    public void Drop(int index)
    {
        int fd = _connections[index].Descriptor;
        LibC.Close(ref fd);
        _connections.RemoveAt(index);
    }

    /// <summary>Answers all who wait for the end; a request that came too late finds the connection closed.</summary>
    public void ReplyAll(ControlReply reply)
    {
        while (_connections.Count > 0)
        {
            if (_connections[0].Waiting) Reply(0, reply);
            else Drop(0);
        }
    }

    /// <summary>Takes no more connections.</summary>
    public void StopListening()
    {
        if (_listener < 0) return;
        LibC.Close(ref _listener);
        _ = LibC.unlink(_path);
    }

    public void Dispose()
    {
        StopListening();
        while (_connections.Count > 0) Drop(0);
    }

    private static byte[] LineOf(ControlReply reply) => [.. JsonSerializer.SerializeToUtf8Bytes(reply, BundleJson.Default.ControlReply), (byte)'\n'];

    private unsafe int AcceptOne() =>
        _listener < 0 ? -1 : LibC.accept4(_listener, null, null, LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK);

    private sealed class Connection
    {
        public int Descriptor { get; init; }

        public byte[] Line { get; set; } = [];

        public bool Waiting { get; set; }
    }
}
