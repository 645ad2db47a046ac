using System.Net;

namespace DockerPS.Engine.Registry.Transport;

/// <summary>Whether an answer is worth asking again, and when.</summary>
internal static class Repetition
{
    /// <summary>How often an endpoint is asked again. Mirrors are given up sooner: there is somebody else to ask.</summary>
    public static int TimesOf(RegistryEndpoint endpoint, RegistryOptions options) => endpoint.Mirror ? Math.Min(1, options.Retries) : options.Retries;

    /// <summary>The time before the repetition number <paramref name="attempt"/>, a little of it by chance so that many do not come at once.</summary>
    public static TimeSpan Delay(int attempt, RegistryOptions options) =>
        Min(options.RetryDelay * Math.Pow(2, Math.Min(attempt, 10)) * (0.75 + (Random.Shared.NextDouble() / 2)), options.LongestRetryAfter);

    /// <summary>How long to wait before asking again: as the answer says, else as <see cref="Delay"/>; null when that is of no use, or too long.</summary>
    public static TimeSpan? After(HttpResponseMessage response, int attempt, RegistryOptions options)
    {
        if (!IsTransient(response.StatusCode)) return null;
        TimeSpan wait = RetryAfter(response) ?? Delay(attempt, options);
        return wait <= options.LongestRetryAfter ? wait : null;
    }

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - DateTimeOffset.UtcNow : null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
