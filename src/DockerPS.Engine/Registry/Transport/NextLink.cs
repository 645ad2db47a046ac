namespace DockerPS.Engine.Registry.Transport;

/// <summary>Finds the next page of a list in <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288; OCI distribution-spec, end-8b).</summary>
internal static class NextLink
{
    /// <summary>Path and query of the next page at the same registry; null when this page was the last.</summary>
    /// <param name="headers">All values of Link, each with one link or several.</param>
    /// <param name="root">The registry: a registry behind a proxy often calls itself otherwise, and its pages are asked for nowhere else.</param>
    /// <param name="page">The page that had the header.</param>
    public static string? Of(IEnumerable<string> headers, Uri root, Uri page)
    {
        foreach (string link in headers.SelectMany(Links))
        {
            int end = link.IndexOf('>', StringComparison.Ordinal);
            if (end < 1 || link[0] != '<' || !IsNext(link[(end + 1)..]) || !Uri.TryCreate(page, link[1..end], out Uri? next)) continue;
            return new Uri(root, next.PathAndQuery).AbsoluteUri;
        }

        return null;
    }

    /// <summary>Commas part links, but not those within an address or in quotes.</summary>
    private static IEnumerable<string> Links(string header)
    {
        int begin = 0;
        char until = '\0';
        for (int i = 0; i < header.Length; i++)
        {
            char c = header[i];
            if (until != '\0') until = c == until ? '\0' : until;
            else if (c is '<' or '"') until = c == '<' ? '>' : '"';
            else if (c == ',')
            {
                yield return header[begin..i].Trim();
                begin = i + 1;
            }
        }

        yield return header[begin..].Trim();
    }

    private static bool IsNext(string parameters) => parameters.Split(';', StringSplitOptions.TrimEntries).Any(parameter =>
        parameter.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value] && name.Equals("rel", StringComparison.OrdinalIgnoreCase)
        && value.Trim('"').Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase));
}
