namespace DockerPS.Engine.Images.Push;

/// <summary>How a registry is to have a manifest.</summary>
internal enum ManifestForm
{
    /// <summary>In its own words, with layers compressed that are stored plain.</summary>
    Own,

    /// <summary>As it is stored, since its digest must stay.</summary>
    Stored,

    /// <summary>As Docker's schema 2.</summary>
    Docker,
}
