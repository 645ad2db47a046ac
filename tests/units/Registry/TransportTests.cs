using System.Net;
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
}
