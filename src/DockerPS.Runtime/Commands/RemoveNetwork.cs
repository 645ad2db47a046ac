using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Networks;

namespace DockerPS.Runtime.Commands;

/// <summary><c>remove-network JSON</c>: removes the bridge of a network and its elements of the rules. Idempotent.</summary>
internal static class RemoveNetwork
{
    public static int Run(string json)
    {
        try
        {
            SuperviseNetwork network = BundleFiles.ReadNetwork(Encoding.UTF8.GetBytes(json));
            using RouteSocket routes = RouteSocket.Open();
            if (routes.Find(network.Link) is { Kind: "bridge" } bridge) routes.Delete(bridge.Index);
            // Without the library there are no rules either.
            foreach (string command in NetworkRules.WithoutBridge(network))
            {
                try
                {
                    Linux.Netfilter.NftablesLibrary.Run(command);
                }
                catch (Linux.Netfilter.NftablesException)
                {
                    // It was not there.
                }
            }

            return 0;
        }
        catch (LinuxException e)
        {
            new MessageChannel().Failed(RuntimeFailureException.From(RuntimeStages.Network, e).Failure);
            return 1;
        }
    }
}
