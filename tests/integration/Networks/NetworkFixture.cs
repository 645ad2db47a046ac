using DockerPS.Engine;
using DockerPS.Integration.Containers;
using DockerPS.Linux;
using DockerPS.Linux.Netfilter;
using DockerPS.Linux.Netlink;

namespace DockerPS.Integration.Networks;

/// <summary>An engine whose networks go at the end, with what they changed of the machine: rules and forwarding.</summary>
public sealed class NetworkFixture : IDisposable
{
    /// <summary>A container's script that says <c>served</c> to all who come to its port 8000, and never leaves it.</summary>
    internal const string Serve = "exec busybox nc -ll -p 8000 -e busybox echo served";

    private const string ForwardFile = "/proc/sys/net/ipv4/ip_forward";
    private readonly string _forward = File.Exists(ForwardFile) ? File.ReadAllText(ForwardFile) : "";
    private readonly EngineFixture _inner = new();
    private int _names;

    internal EngineFixture Containers => _inner;

    internal ContainerEngine Engine => _inner.Engine;

    /// <summary>Makes a network with a subnet that is free.</summary>
    internal ContainerNetwork Network(Func<NetworkRequest, NetworkRequest>? change = null)
    {
        var request = new NetworkRequest { Name = "net" + Interlocked.Increment(ref _names) };
        return Engine.CreateNetwork(change?.Invoke(request) ?? request);
    }

    /// <summary>Starts a container that does nothing, or serves.</summary>
    internal async Task<Container> RunAsync(string network, string script = "sleep 1000", Func<ContainerSpec, ContainerSpec>? change = null)
    {
        var spec = new ContainerSpec { Image = EngineFixture.Image, Network = network, Command = ["sh", "-c", script] };
        Container container = await _inner.CreateAsync(change?.Invoke(spec) ?? spec);
        return await Engine.StartContainerAsync(container.Id, CancellationToken.None);
    }

    /// <summary>Runs a command in a container.</summary>
    internal async Task<(int ExitCode, string Out)> InAsync(Container container, string script)
    {
        var streams = new EngineFixture.Streams();
        ProcessExit exit = await Engine.ExecuteAsync(
            container.Id, new ContainerCommand { Arguments = ["sh", "-c", script] }, streams.Attachment, CancellationToken.None);
        return (exit.ExitCode, streams.Out);
    }

    /// <summary>Does something with a thread in a container's network namespace, such as opening sockets.</summary>
    internal static T Inside<T>(Container container, Func<T> action)
    {
        int descriptor = LibC.Open($"/proc/{container.Pid}/ns/net", LibC.O_RDONLY);
        try
        {
            return NetworkNamespace.Open(descriptor, action);
        }
        finally
        {
            LibC.Close(ref descriptor);
        }
    }

    internal string AddressOf(Container container, string network) =>
        Engine.GetNetworks(new NetworkFilter { Names = [network] })[0].Containers.Single(c => c.ContainerId == container.Id).IPAddress!.ToString();

    public void Dispose()
    {
        try
        {
            foreach (Container container in _inner.Engine.GetContainers(new ContainerFilter { All = true }))
                _inner.Engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None).GetAwaiter().GetResult();
            foreach (ContainerNetwork network in _inner.Engine.GetNetworks(new NetworkFilter { Dangling = true })) _inner.Engine.RemoveNetwork(network.Name);
            if (NftablesLibrary.IsPresent && NftablesLibrary.Run("list tables\n").Contains("inet dockerps", StringComparison.Ordinal)
                && !NftablesLibrary.Run("list set inet dockerps bridges\n").Contains("elements", StringComparison.Ordinal))
                NftablesLibrary.Run("delete table inet dockerps\n");
            if (_forward.Length > 0) File.WriteAllText(ForwardFile, _forward);
        }
        finally
        {
            _inner.Dispose();
        }
    }
}
