using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerPS.Engine;
using DockerPS.Linux;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Ports of this machine that lead to a container: over loopback, from another container, by both protocols, and only while it runs.</summary>
[Collection("Networks")]
public sealed class PublishedPortTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    private const string Echo = "exec busybox nc -ll -p 80 -e cat";

    [Fact]
    public async Task A_port_leads_to_the_container_and_is_free_again_after_it()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await RunAsync(network, "0:80");
        int port = Assert.Single(container.Ports).HostPort;
        Assert.InRange(port, 1, 65535);
        Assert.Equal("hello", await AskAsync(IPAddress.Loopback, port, "hello"));
        if (Socket.OSSupportsIPv6) Assert.Equal("six", await AskAsync(IPAddress.IPv6Loopback, port, "six"));
        await fixture.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None);
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
    }

    [Fact]
    public async Task Of_a_range_the_first_port_that_is_free_for_both_versions_is_taken()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "SKIPPED: this machine has no IPv6.");
        ContainerNetwork network = fixture.Network();
        (int first, Socket[] taken) = TakeThree();
        using Socket four = taken[0], six = taken[1], free = taken[2];
        Assert.Equal("PortTaken", (await Assert.ThrowsAsync<ContainerRuntimeException>(() => RunAsync(network, $"{first}-{first + 2}:80"))).ErrorId);
        free.Dispose();
        Container container = await RunAsync(network, $"{first}-{first + 2}:80");
        Assert.Equal((first + 2, 0), (Assert.Single(container.Ports).HostPort, container.Ports[0].HostPortEnd));
        Assert.Equal("hello", await AskAsync(IPAddress.IPv6Loopback, first + 2, "hello"));
        // The next start looks again.
        four.Dispose();
        await fixture.Engine.RestartContainerAsync(container.Id, TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(first, fixture.Engine.GetContainer(container.Id).Ports[0].HostPort);
        Assert.Empty((await fixture.Engine.ChangePortsAsync(container.Id, [], ContainerPort.Parse($"{first}:80"), CancellationToken.None)).Ports);
        Assert.Empty(fixture.Engine.GetContainer(container.Id).Spec.Ports);
    }

    /// <summary>Three ports in a row: the first taken with version 4 of IP, the second with version 6, the third with both.</summary>
    private static (int First, Socket[] Taken) TakeThree()
    {
        for (int first = 21_000; first < 31_000; first += 3)
        {
            var taken = new List<Socket>();
            try
            {
                foreach ((IPAddress address, int number, bool dual) in ((IPAddress, int, bool)[])[(IPAddress.Any, 0, false), (IPAddress.IPv6Any, 1, false), (IPAddress.IPv6Any, 2, true)])
                {
                    taken.Add(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
                    if (address.AddressFamily == AddressFamily.InterNetworkV6) taken[^1].DualMode = dual;
                    taken[^1].Bind(new IPEndPoint(address, first + number));
                    taken[^1].Listen();
                }

                return (first, [.. taken]);
            }
            catch (SocketException)
            {
                taken.ForEach(socket => socket.Dispose());
            }
        }

        throw new InvalidOperationException("There are no three free ports in a row.");
    }

    [Fact]
    public async Task Much_goes_through_both_ways_and_each_way_ends_by_itself()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await RunAsync(network, "127.0.0.1:0:80");
        byte[] sent = new byte[8 << 20];
        Random.Shared.NextBytes(sent);
        using Socket socket = await ConnectAsync(IPAddress.Loopback, container.Ports[0].HostPort);
        Task writing = Task.Run(async () =>
        {
            for (int done = 0; done < sent.Length;) done += await socket.SendAsync(sent.AsMemory(done));
            socket.Shutdown(SocketShutdown.Send);
        });
        byte[] received = await ReadToEndAsync(socket);
        await writing;
        Assert.Equal(sent, received);
    }

    /// <summary>The relay waits for more while much comes fast, but not for what never comes.</summary>
    [Fact]
    public async Task The_last_bytes_of_much_arrive_while_the_connection_stays_open()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("127.0.0.1:0:80") });
        using TcpListener server = NetworkFixture.Inside(container, () =>
        {
            var listener = new TcpListener(IPAddress.Any, 80);
            listener.Start();
            return listener;
        });
        using Socket client = await ConnectAsync(IPAddress.Loopback, container.Ports[0].HostPort), other = await server.AcceptSocketAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        foreach ((Socket from, Socket to) in ((Socket, Socket)[])[(client, other), (other, client)])
        {
            for (int round = 0; round < 3; round++)
            {
                byte[] sent = new byte[(32 << 20) + 3];
                sent[^1] = (byte)(round + 1);
                Task writing = Task.Run(async () =>
                {
                    for (int done = 0; done < sent.Length;) done += await from.SendAsync(sent.AsMemory(done), limit.Token);
                });
                byte[] buffer = new byte[1 << 20];
                byte last = 0;
                for (int left = sent.Length; left > 0;)
                {
                    int read = await to.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), limit.Token);
                    Assert.NotEqual(0, read);
                    left -= read;
                    last = buffer[read - 1];
                }

                await writing;
                Assert.Equal(round + 1, last);
            }
        }
    }

    [Fact]
    public async Task More_connections_than_there_are_descriptors_for_wait_and_end_nothing()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await RunAsync(network, "127.0.0.1:0:80");
        int port = container.Ports[0].HostPort, supervisor = fixture.Containers.SupervisorOf(container.Id);
        Assert.Equal("first", await AskAsync(IPAddress.Loopback, port, "first"));
        LimitFiles(supervisor, Directory.GetFiles($"/proc/{supervisor}/fd").Length + 34);
        var clients = new List<Socket>();
        try
        {
            for (int i = 0; i < 60; i++)
            {
                clients.Add(await ConnectAsync(IPAddress.Loopback, port));
                clients[i].Send("b"u8);
            }

            byte[] answer = new byte[1];
            foreach (Socket client in clients)
            {
                Assert.Equal(1, await client.ReceiveAsync(answer));
                client.Dispose();
            }

            Assert.Equal(ContainerState.Running, fixture.Engine.GetContainer(container.Id).State);
            Assert.Equal("later", await AskAsync(IPAddress.Loopback, port, "later"));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Another_container_reaches_it_by_the_machines_address()
    {
        ContainerNetwork one = fixture.Network(), other = fixture.Network();
        Container server = await RunAsync(one, "0:80"), client = await fixture.RunAsync(other.Name);
        string machine = other.Subnets[0].Gateway!.ToString(), port = server.Ports[0].HostPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string own = one.Subnets[0].Gateway!.ToString();
        Assert.Equal("over\n", (await fixture.InAsync(client, $"echo over | busybox nc -w 2 {machine} {port}")).Out);
        Assert.Equal("back\n", (await fixture.InAsync(server, $"echo back | busybox nc -w 2 {own} {port}")).Out);
    }

    [Fact]
    public async Task Datagrams_go_and_come_back()
    {
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("127.0.0.1:0:5300/udp") });
        using UdpClient server = NetworkFixture.Inside(container, () => new UdpClient(new IPEndPoint(IPAddress.Any, 5300)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        UdpClient[] clients = [.. Enumerable.Range(0, 20).Select(_ => new UdpClient("127.0.0.1", container.Ports[0].HostPort))];
        for (int i = 0; i < clients.Length; i++) await clients[i].SendAsync(new[] { (byte)i }, limit.Token);
        for (int i = 0; i < clients.Length; i++)
        {
            UdpReceiveResult asked = await server.ReceiveAsync(limit.Token);
            await server.SendAsync(new[] { (byte)(asked.Buffer[0] + 100) }, asked.RemoteEndPoint, limit.Token);
        }

        for (int i = 0; i < clients.Length; i++)
        {
            Assert.Equal([(byte)(i + 100)], (await clients[i].ReceiveAsync(limit.Token)).Buffer);
            clients[i].Dispose();
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_who_has_it()
    {
        ContainerNetwork network = fixture.Network();
        Container holder = await RunAsync(network, "127.0.0.1:0:80");
        string text = $"127.0.0.1:{holder.Ports[0].HostPort}:80";
        ContainerRuntimeException taken = await Assert.ThrowsAsync<ContainerRuntimeException>(() => RunAsync(network, text));
        Assert.Equal("PortTaken", taken.ErrorId);
        Assert.Contains(holder.Name, taken.Message);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        taken = await Assert.ThrowsAsync<ContainerRuntimeException>(() => RunAsync(network, $"127.0.0.1:{port}:80"));
        Assert.Equal("PortTaken", taken.ErrorId);
        ContainerRuntimeException foreign = await Assert.ThrowsAsync<ContainerRuntimeException>(() => RunAsync(network, "192.0.2.200:0:80"));
        Assert.Equal("AddressNotLocal", foreign.ErrorId);
    }

    [Fact]
    public async Task A_thousand_connections_are_served_at_once()
    {
        const int Count = 1000;
        ContainerNetwork network = fixture.Network();
        Container container = await fixture.RunAsync(network.Name, change: s => s with { Ports = ContainerPort.Parse("127.0.0.1:0:80") });
        using TcpListener server = NetworkFixture.Inside(container, () =>
        {
            var listener = new TcpListener(IPAddress.Any, 80);
            listener.Start(Count);
            return listener;
        });
        Task serving = Task.Run(async () =>
        {
            var all = new List<Task>();
            for (int i = 0; i < Count; i++) all.Add(EchoAsync(await server.AcceptSocketAsync()));
            await Task.WhenAll(all);
        });
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ConnectAsync(IPAddress.Loopback, container.Ports[0].HostPort)));
        string[] answers = await Task.WhenAll(sockets.Select((socket, i) => ExchangeAsync(socket, "number " + i)));
        await serving;
        foreach (Socket socket in sockets) socket.Dispose();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => "number " + i), answers);
    }

    private static unsafe void LimitFiles(int pid, int most)
    {
        const int NoFile = 7;
        ulong* limit = stackalloc ulong[2] { (ulong)most, (ulong)most };
        Assert.Equal(0, Syscall.Invoke(Syscall.Prlimit64, pid, NoFile, (nint)limit, 0));
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket) await socket.SendAsync(await ReadToEndAsync(socket));
    }

    private Task<Container> RunAsync(ContainerNetwork network, string port) =>
        fixture.RunAsync(network.Name, Echo, s => s with { Ports = ContainerPort.Parse(port) });

    private static async Task<string> AskAsync(IPAddress address, int port, string text)
    {
        // The program in the container may not listen yet; then the connection ends at once.
        for (int attempt = 0; ; attempt++)
        {
            using Socket socket = await ConnectAsync(address, port);
            string answer = await ExchangeAsync(socket, text);
            if (answer.Length > 0 || attempt == 100) return answer;
            await Task.Delay(50);
        }
    }

    private static async Task<string> ExchangeAsync(Socket socket, string text)
    {
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
            socket.Shutdown(SocketShutdown.Send);
            return Encoding.ASCII.GetString(await ReadToEndAsync(socket));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, port);
        return socket;
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[65536];
        for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;) all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
