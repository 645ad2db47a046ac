using System.Text;
using DockerPS.Oci.Digests;
using Xunit;

namespace DockerPS.Units.Oci;

public class DigestTests
{
    private const string Empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void Of_nothing_is_the_known_hash() => Assert.Equal(Empty, Digest.Of([]).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256:")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("sha256:../../../../../../../../../../../../../../../../../../../../etc/xy")]
    public void What_is_no_digest_is_refused(string text) => Assert.Throws<InvalidDigestException>(() => Digest.Parse(text));

    [Fact]
    public void Sha512_is_a_digest_as_well()
    {
        Digest digest = Digest.Parse("sha512:" + new string('a', 128));
        Assert.Equal("sha512", digest.Algorithm);
        using var hash = digest.NewHash();
        Assert.Equal(64, hash.HashLengthInBytes);
    }

    [Fact]
    public void A_chain_id_names_a_layer_with_all_below()
    {
        Digest a = Digest.Of("a"u8), b = Digest.Of("b"u8), c = Digest.Of("c"u8);
        IReadOnlyList<Digest> chain = Digest.ChainIds([a, b, c]);
        Assert.Equal(a, chain[0]);
        Assert.Equal(Digest.Of(Encoding.ASCII.GetBytes($"{a} {b}")), chain[1]);
        Assert.Equal(Digest.Of(Encoding.ASCII.GetBytes($"{chain[1]} {c}")), chain[2]);
    }
}
