using System.Net;
using System.Net.Sockets;

namespace DockerPS.Integration.Registry;

/// <summary>A port behind which one server stands and then another; bytes pass as they are.</summary>
internal sealed class SwitchingDoor : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int> _target;

    public SwitchingDoor(Func<int> target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptTcpClientAsync(), _target());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client, int port)
    {
        using (client)
        {
            try
            {
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, port);
                NetworkStream near = client.GetStream(), far = server.GetStream();
                Task up = near.CopyToAsync(far), down = far.CopyToAsync(near);
                // A connection that was kept leads to the old server; it is not used for the new one.
                while (port == _target() && !up.IsCompleted && !down.IsCompleted) await Task.WhenAny(up, down, Task.Delay(10));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // One of both went away.
            }
        }
    }
}
