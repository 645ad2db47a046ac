using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>Verbs that look at networks.</summary>
internal sealed partial class RuntimeVerb
{
    /// <summary>Looks from within a container whether something is reached.</summary>
    public Task<TestNetworkResult> TestNetworkAsync(TestNetworkRequest request, CancellationToken cancellationToken) => RunAsync(
        Start(["test-network"], cancellationToken), request, null, BundleJson.Default.TestNetworkRequest, BundleJson.Default.TestNetworkResult, null, cancellationToken);
}
