using System.IO.Compression;
using System.Net;
using DockerPS.Engine.Images.Push;
using DockerPS.Engine.Registry.Authorization;
using DockerPS.Engine.Registry.Transport;
using Xunit;

namespace DockerPS.Units.Registry;

/// <summary>The parts between the registry's words and its bytes that need no network.</summary>
public sealed class TransportTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://auth.example.com/token\",service=\"reg\",scope=\"repository:a/b:pull,push\"", true, "https://auth.example.com/token", "reg", "repository:a/b:pull,push")]
    [InlineData("Bearer realm=\"https://a/t\", service=\"with \\\"quotes\\\", and comma\"", true, "https://a/t", "with \"quotes\", and comma", "")]
    [InlineData("Basic realm=simple", false, "simple", "", "")]
    public void A_challenge_is_read(string header, bool bearer, string realm, string service, string scope)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        Assert.True(response.Headers.TryAddWithoutValidation("WWW-Authenticate", header));
        Assert.Equal(new AuthenticationChallenge(bearer, realm, service, scope), AuthenticationChallenge.Of(response));
    }

    [Fact]
    public void Bearer_goes_before_Basic_and_others_are_not_answered()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        response.Headers.TryAddWithoutValidation("WWW-Authenticate", ["Negotiate", "Basic realm=\"x\"", "Bearer realm=\"https://a/t\""]);
        Assert.True(AuthenticationChallenge.Of(response)!.IsBearer);
        response.Headers.Remove("WWW-Authenticate");
        response.Headers.TryAddWithoutValidation("WWW-Authenticate", "Negotiate");
        Assert.Null(AuthenticationChallenge.Of(response));
    }

    [Theory]
    [InlineData("https://registry.example.com/v2/", "HTTPS_PROXY=http://u:p@proxy:3128", "http://proxy:3128/")]
    [InlineData("https://registry.example.com/v2/", "https_proxy=proxy:3128", "http://proxy:3128/")]
    [InlineData("https://registry.example.com/v2/", "HTTP_PROXY=http://proxy:3128", null)]
    [InlineData("http://registry.example.com/v2/", "HTTP_PROXY=http://proxy:3128", "http://proxy:3128/")]
    [InlineData("https://registry.example.com/v2/", "ALL_PROXY=socks5://proxy:1080", "socks5://proxy:1080/")]
    [InlineData("https://localhost:5000/v2/", "HTTPS_PROXY=http://proxy:3128", null)]
    [InlineData("https://127.0.0.1:5000/v2/", "HTTPS_PROXY=http://proxy:3128", null)]
    [InlineData("https://registry.example.com/v2/", "HTTPS_PROXY=http://proxy:3128;NO_PROXY=example.com", null)]
    [InlineData("https://registry.example.com/v2/", "HTTPS_PROXY=http://proxy:3128;NO_PROXY=.example.com", null)]
    [InlineData("https://notexample.com/v2/", "HTTPS_PROXY=http://proxy:3128;NO_PROXY=example.com", "http://proxy:3128/")]
    [InlineData("https://10.1.2.3/v2/", "HTTPS_PROXY=http://proxy:3128;NO_PROXY=a, 10.0.0.0/8", null)]
    [InlineData("https://a.example:5000/v2/", "HTTPS_PROXY=http://proxy:3128;no_proxy=a.example:5001", "http://proxy:3128/")]
    [InlineData("https://a.example:5000/v2/", "HTTPS_PROXY=http://proxy:3128;no_proxy=*", null)]
    public void The_environment_says_which_proxy(string address, string environment, string? expected)
    {
        Dictionary<string, string> variables = environment.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var proxy = new EnvironmentProxy(name => variables.GetValueOrDefault(name));
        Assert.Equal(expected, proxy.GetProxy(new Uri(address))?.ToString());
    }

    [Fact]
    public void The_proxys_password_goes_to_the_proxy_only()
    {
        var proxy = new EnvironmentProxy(name => name == "HTTPS_PROXY" ? "http://user:p%40ss@proxy:3128" : null);
        Assert.Equal("p@ss", proxy.Credentials!.GetCredential(new Uri("http://proxy:3128"), "Basic")!.Password);
        Assert.Null(proxy.Credentials!.GetCredential(new Uri("http://other:3128"), "Basic"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((5 << 20) + 12345)]
    public async Task Compression_by_all_processors_is_one_gzip_file_and_always_the_same(int length)
    {
        byte[] plain = [.. Enumerable.Range(0, length).Select(i => (byte)(i * i >> 9))];
        byte[] first = await CompressAsync(plain), second = await CompressAsync(plain);
        Assert.Equal(first, second);
        var inflated = new MemoryStream();
        await using (var gzip = new GZipStream(new MemoryStream(first), CompressionMode.Decompress)) await gzip.CopyToAsync(inflated);
        Assert.Equal(plain, inflated.ToArray());
    }

    private static async Task<byte[]> CompressAsync(byte[] plain)
    {
        var packed = new MemoryStream();
        await ParallelGzip.CompressAsync(new MemoryStream(plain), packed, null, CancellationToken.None);
        return packed.ToArray();
    }
}
