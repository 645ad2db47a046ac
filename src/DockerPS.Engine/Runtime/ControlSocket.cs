using System.Net.Sockets;
using System.Text.Json;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>Asks a supervisor for something: one JSON line each way, one connection for each request.</summary>
internal static class ControlSocket
{
    // sun_path holds 108 bytes with the final zero.
    private const int LongestPath = 107;

    /// <summary>The supervisor's answer; null when there is no supervisor any more (or it ended without answering).</summary>
    public static async Task<ControlReply?> AskAsync(string path, ControlRequest request, CancellationToken cancellationToken)
    {
        using Socket socket = New(path);
        return await AskAsync(socket, path, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="AskAsync(string, ControlRequest, CancellationToken)"/>; the connection stays, and its end tells the supervisor that this process is done or dead.</summary>
    /// <returns>The connection, for the caller to dispose, beside the answer.</returns>
    public static async Task<(ControlReply? Reply, IDisposable Connection)> OpenAsync(string path, ControlRequest request, CancellationToken cancellationToken)
    {
        Socket socket = New(path);
        try
        {
            return (await AskAsync(socket, path, request, cancellationToken).ConfigureAwait(false), socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket New(string path) => path.Length <= LongestPath
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : throw new DockerEnvironmentException(
            "RunRootTooLong", $"'{path}' is too long for a socket. Choose a shorter directory of run state (XDG_RUNTIME_DIR).", path);

    private static async Task<ControlReply?> AskAsync(Socket socket, string path, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            // A Unix socket connects at once or not at all.
            socket.Connect(new UnixDomainSocketEndPoint(path));
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(request, BundleJson.Default.ControlRequest);
            socket.Send([.. json, (byte)'\n']);
            return await ReplyAsync(socket, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task<ControlReply?> ReplyAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            int end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            if (end >= 0) return JsonSerializer.Deserialize(buffer.AsSpan(0, length + end), BundleJson.Default.ControlReply);
            if (read == 0) return null;
            length += read;
            if (length == buffer.Length) Array.Resize(ref buffer, length * 2);
        }
    }
}
