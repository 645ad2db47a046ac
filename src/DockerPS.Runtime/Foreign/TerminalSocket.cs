using System.Globalization;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Foreign;

/// <summary>Where another runtime sends the master of a container's terminal (<c>--console-socket</c>).</summary>
internal sealed unsafe class TerminalSocket : IDisposable
{
    private int _directory, _listener;

    public TerminalSocket(string directory)
    {
        _listener = LibC.ListenUnix(System.IO.Path.Join(directory, "console.sock"), 1);
        _directory = LibC.Open(directory, LibC.O_PATH | LibC.O_DIRECTORY);
        // Others do not know how to reach a path that is longer than an address takes.
        Path = string.Create(CultureInfo.InvariantCulture, $"/proc/{LibC.getpid()}/fd/{_directory}/console.sock");
    }

    public string Path { get; }

    /// <summary>The master; the runtime has ended, and so has sent it.</summary>
    public int Receive()
    {
        int connection = LibC.accept4(_listener, null, null, LibC.SOCK_CLOEXEC);
        if (connection < 0) throw new RuntimeFailureException(RuntimeStages.Terminal, "The runtime sent no terminal.");
        try
        {
            int master = LibC.ReceiveDescriptor(connection);
            return master >= 0 ? master : throw new RuntimeFailureException(RuntimeStages.Terminal, "The runtime sent no terminal.");
        }
        finally
        {
            LibC.Close(ref connection);
        }
    }

    public void Dispose()
    {
        LibC.Close(ref _listener);
        LibC.Close(ref _directory);
    }
}
