using DockerPS.Linux.Netfilter;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>libnftables, in network namespaces of the tests' own.</summary>
public sealed class NftablesTests
{
    [Fact]
    public void Commands_run_together_or_not_at_all() => OwnNetwork.Run(() =>
    {
        Assert.SkipUnless(NftablesLibrary.IsPresent, "SKIPPED: libnftables is not installed (Debian's package libnftables1).");
        NftablesLibrary.Run("add table inet own\nadd set inet own ports { type inet_service; }\nadd element inet own ports { 80, 443 }\n");
        Assert.Contains("80, 443", NftablesLibrary.Run("list set inet own ports\n"));
        NftablesException refused = Assert.Throws<NftablesException>(
            () => NftablesLibrary.Run("add element inet own ports { 81 }\nadd rule inet own nothing drop\n"));
        Assert.False(refused.Missing);
        Assert.DoesNotContain("81", NftablesLibrary.Run("list set inet own ports\n"));
    });
}
