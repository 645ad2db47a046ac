using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Networks.Checks;

namespace DockerPS.Runtime.Commands;

/// <summary><c>test-network</c>: looks from within a container whether something is reached.</summary>
internal static class TestNetwork
{
    public static int Run()
    {
        var channel = new MessageChannel();
        try
        {
            using var test = new NetworkTest(VerbRequest.Read(BundleJson.Default.TestNetworkRequest));
            var result = new TestNetworkResult { Checks = test.Run() };
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, BundleJson.Default.TestNetworkResult));
            return 0;
        }
        catch (Exception e) when (e is LinuxException or RuntimeFailureException or LayerException)
        {
            channel.Failed(e switch
            {
                RuntimeFailureException failure => failure.Failure,
                LinuxException linux => RuntimeFailureException.From(RuntimeStages.Network, linux).Failure,
                _ => ((LayerException)e).Failure,
            });
            return 1;
        }
    }
}
