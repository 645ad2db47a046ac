using DockerPS.Engine.Registry.Transport;

namespace DockerPS.Engine.Registry;

/// <summary>A request that can be made anew: after a challenge, a redirect, a failure.</summary>
/// <param name="Method">Verb.</param>
/// <param name="Target">Path below <c>/v2/</c>, or the whole address of an upload that the registry named.</param>
internal sealed record RegistryRequest(HttpMethod Method, string Target)
{
    /// <summary>What a token must allow.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    public Action<HttpRequestMessage>? Prepare { get; init; }

    /// <summary>Makes the content; it touches the timer while it is sent.</summary>
    public Func<StallTimer, HttpContent>? Content { get; init; }

    /// <summary>Whether doing it twice is the same as once.</summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>So many times the usual silence is borne.</summary>
    public int Patience { get; init; } = 1;

    public Uri AddressAt(Uri root) => new(root, Target);

    public HttpRequestMessage Message(Uri address, StallTimer stall)
    {
        var message = new HttpRequestMessage(Method, address) { Content = Content?.Invoke(stall) };
        message.Headers.TryAddWithoutValidation("User-Agent", "DockerPS");
        Prepare?.Invoke(message);
        return message;
    }

    public static string PullScope(string repository) => $"repository:{repository}:pull";

    public static string PushScope(string repository) => $"repository:{repository}:pull,push";
}
