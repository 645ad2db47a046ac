using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace DockerPS.Integration;

/// <summary>Listens as a shim does for a terminal, or an agent for a seccomp listener; takes exactly one descriptor with one message (SCM_RIGHTS, unix(7)).</summary>
internal sealed unsafe partial class DescriptorReceiver : IDisposable
{
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public DescriptorReceiver(string path)
    {
        Path = path;
        // A path that is longer than an address takes is bound from its directory.
        string before = Environment.CurrentDirectory;
        lock (typeof(DescriptorReceiver))
        {
            bool isLong = path.Length > 100;
            if (isLong) Environment.CurrentDirectory = System.IO.Path.GetDirectoryName(path)!;
            try
            {
                _listener.Bind(new UnixDomainSocketEndPoint(isLong ? System.IO.Path.GetFileName(path) : path));
            }
            finally
            {
                if (isLong) Environment.CurrentDirectory = before;
            }
        }

        _listener.Listen(1);
    }

    public string Path { get; }

    /// <summary>A terminal's master; the caller disposes it.</summary>
    public FileStream ReceiveTerminal() => new(Receive(out _), FileAccess.ReadWrite, bufferSize: 0);

    /// <summary>A descriptor, and the text that came with it.</summary>
    public SafeFileHandle Receive(out string message)
    {
        Assert.True(_listener.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead), "No descriptor was sent.");
        using Socket connection = _listener.Accept();
        byte* text = stackalloc byte[4096];
        byte* control = stackalloc byte[64];
        nint* vector = stackalloc nint[2];
        (vector[0], vector[1]) = ((nint)text, 4096);
        Header header = new() { Vectors = vector, VectorCount = 1, Control = control, ControlLength = 64 };
        nint length = recvmsg(connection.SafeHandle.DangerousGetHandle(), ref header, 0x40000000 /* MSG_CMSG_CLOEXEC */);
        Assert.True(length > 0, "The message has no data; shims want a name.");
        // cmsghdr: length (header and one descriptor), level, type.
        Assert.Equal((16 + sizeof(int), SOL_SOCKET, SCM_RIGHTS), ((int)*(nint*)control, *(int*)(control + 8), *(int*)(control + 12)));
        message = Encoding.UTF8.GetString(text, (int)length);
        return new SafeFileHandle(*(int*)(control + 16), ownsHandle: true);
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(Path);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(nint socket, ref Header message, int flags);

    /// <summary>struct msghdr of recvmsg(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public void* Name;
        public uint NameLength;
        public nint* Vectors;
        public nint VectorCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
