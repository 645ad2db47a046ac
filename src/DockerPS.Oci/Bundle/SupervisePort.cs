namespace DockerPS.Oci.Bundle;

/// <summary>A port of the container that the host publishes; in state.json with the host's port that was taken.</summary>
public sealed class SupervisePort
{
    /// <summary>The host's address; null is all, of both versions.</summary>
    public string? HostAddress { get; set; }

    /// <summary>The host's port; 0 is a free one.</summary>
    public int HostPort { get; set; }

    /// <summary>The last of a range of which the first free one is taken; 0 is no range.</summary>
    public int HostPortEnd { get; set; }

    /// <summary>The container's port.</summary>
    public int Port { get; set; }

    /// <summary>UDP, else TCP.</summary>
    public bool Udp { get; set; }
}
