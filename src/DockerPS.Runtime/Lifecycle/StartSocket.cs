using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>
/// The start of a created container: its first process waits on the listening socket start.sock, which it got at birth. Whoever starts
/// it connects, runs hooks, writes one byte, and reads what failed; a connection that closes without a word has executed the program.
/// </summary>
internal sealed class StartSocket : IDisposable
{
    private int _connection;

    private StartSocket(int connection) => _connection = connection;

    /// <summary>Null when nobody waits there any more: it was started.</summary>
    public static StartSocket? TryConnect(string path)
    {
        int connection = LibC.TryConnectUnix(path);
        if (connection >= 0) return new StartSocket(connection);
        if (connection is -Errno.ENOENT or -111 /* ECONNREFUSED */) return null;
        throw new LinuxException($"connect({path})", -connection);
    }

    /// <summary>Lets the process go on.</summary>
    /// <param name="command">The program that it is to execute.</param>
    /// <exception cref="RuntimeFailureException">It could not.</exception>
    public void Go(string command)
    {
        if (LibC.TryWrite(_connection, [1]) != 1) throw new CommandException("the container's first process has ended before it was started.");
        Span<int> packet = stackalloc int[3];
        Span<byte> bytes = MemoryMarshal.AsBytes(packet);
        int length = 0;
        while (length < bytes.Length)
        {
            int read = LibC.TryRead(_connection, bytes[length..]);
            if (read <= 0) break;
            length += read;
        }

        if (length < bytes.Length) return;
        (string stage, string call) = StepNames.Of((StepKind)packet[1], command);
        throw Birth.Failed(stage, call, packet[2], command);
    }

    public void Dispose() => LibC.Close(ref _connection);
}
