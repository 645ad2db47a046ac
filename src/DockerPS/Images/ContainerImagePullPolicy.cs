namespace DockerPS;

/// <summary>When a container's image is brought from its registry (docker run --pull).</summary>
public enum ContainerImagePullPolicy
{
    /// <summary>When it is not stored.</summary>
    Missing,

    /// <summary>Each time: what is stored is brought up to date.</summary>
    Always,

    /// <summary>Never: an image that is not stored is an error.</summary>
    Never,
}
