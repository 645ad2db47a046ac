using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>
/// Tests that look at the machine's rules, forwarding and links, and measure times on them: nothing else runs beside them.
/// </summary>
[CollectionDefinition("Networks", DisableParallelization = true)]
public sealed class NetworkCollection;
