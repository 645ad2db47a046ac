using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Seccomp;

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
    /// <param name="record">The container's.</param>
    /// <param name="config">The container's.</param>
    /// <exception cref="RuntimeFailureException">It could not.</exception>
    public unsafe void Go(string command, ContainerRecord record, RuntimeConfig config)
    {
        if (LibC.TryWrite(_connection, [1]) != 1) throw new CommandException("the container's first process has ended before it was started.");
        int* packet = stackalloc int[3];
        while (Birth.Receive(_connection, packet, out int descriptor) == 12)
        {
            if (packet[0] == (int)ChildPacket.Listener)
            {
                ServeListener(descriptor, record, config);
                continue;
            }

            (string stage, string call) = StepNames.Of((StepKind)packet[1], command);
            throw Birth.Failed(stage, call, packet[2], command);
        }
    }

    private void ServeListener(int memory, ContainerRecord record, RuntimeConfig config)
    {
        int pidfd = ProcStat.OpenPidfd(record.Init!.Pid, record.Init.StartTime);
        try
        {
            SeccompListener.Serve(
                _connection, memory, record.Init.Pid, pidfd, config.Linux!.Seccomp!.Value, OciState.ToJson(record, "created", full: false));
        }
        finally
        {
            LibC.Close(ref pidfd);
        }
    }

    public void Dispose() => LibC.Close(ref _connection);
}
