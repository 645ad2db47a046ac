namespace DockerPS.Engine.Registry;

/// <summary>Who gave bytes of one blob: a host that is not the registry itself, and whose bytes were wrong in the end, is not asked for it again.</summary>
internal sealed class BlobOrigins
{
    private readonly HashSet<string> _serving = [], _wrong = [];

    public bool MayServe(RegistryEndpoint endpoint) => !IsReplaceable(endpoint) || !_wrong.Contains(endpoint.Host);

    public void Serves(RegistryEndpoint endpoint)
    {
        if (IsReplaceable(endpoint)) _serving.Add(endpoint.Host);
    }

    /// <summary>What came is wrong: all that had a part in it are left out from now on.</summary>
    /// <returns>Their hosts; none when the registry alone served.</returns>
    public IReadOnlyList<string> Blame()
    {
        string[] blamed = [.. _serving];
        _wrong.UnionWith(blamed);
        _serving.Clear();
        return blamed;
    }

    private static bool IsReplaceable(RegistryEndpoint endpoint) => endpoint.Mirror || endpoint.Foreign;
}
