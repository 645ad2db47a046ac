namespace DockerPS.Runtime.Networks.Ports;

/// <summary>
/// How many connections a container's relays have at once. The others wait in the kernel: who connects without end must not take the descriptors
/// that those who talk need.
/// </summary>
internal sealed class ConnectionLimit
{
    /// <summary>Its two ends, and a pipe for one of the ways.</summary>
    private const int FilesOfEach = 4;

    /// <summary>For all else that a supervisor does, and what it does at least.</summary>
    private const int OtherFiles = 256, Fewest = 16;

    private int _open;

    /// <summary>False when there are too many now.</summary>
    public bool TryEnter()
    {
        if (_open >= Math.Max(Fewest, (OpenFiles.Most - OtherFiles) / FilesOfEach)) return false;
        _open++;
        return true;
    }

    public void Leave() => _open--;
}
