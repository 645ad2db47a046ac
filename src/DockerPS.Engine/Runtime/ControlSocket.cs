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
        if (path.Length > LongestPath)
        {
            throw new DockerEnvironmentException(
                "RunRootTooLong", $"'{path}' is too long for a socket. Choose a shorter directory of run state (XDG_RUNTIME_DIR).", path);
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
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
