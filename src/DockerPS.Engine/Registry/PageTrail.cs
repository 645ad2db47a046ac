namespace DockerPS.Engine.Registry;

/// <summary>The pages of a list that were read: it comes to an end, whatever a registry sends.</summary>
/// <param name="registry">Whose list it is, for errors.</param>
/// <param name="subject">What was asked for.</param>
internal sealed class PageTrail(string registry, string subject)
{
    private const int MostPages = 10_000;
    private const long MostBytes = 64 << 20;

    private readonly HashSet<string> _pages = new(StringComparer.Ordinal);
    private long _bytes;

    /// <exception cref="DockerRegistryException">RegistryFailed: the page was there before, or there are too many.</exception>
    public void Take(string page, int bytes)
    {
        _bytes += bytes;
        if (!_pages.Add(page)) throw RegistryErrors.Failed(registry, 200, "", "Its list goes in a circle: a page leads back to one before it.", subject);
        if (_pages.Count > MostPages || _bytes > MostBytes)
            throw RegistryErrors.Failed(registry, 200, "", $"Its list does not end within {MostPages} pages and {MostBytes >> 20} MiB.", subject);
    }
}
