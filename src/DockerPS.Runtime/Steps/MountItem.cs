using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Steps;

/// <summary>A mount of config.json, read.</summary>
/// <param name="Index">Its place in mounts.</param>
/// <param name="Where">Its JSON path.</param>
/// <param name="Mount">As it stands there.</param>
/// <param name="Destination">Absolute and without dots.</param>
/// <param name="Options">Its options by who reads them.</param>
internal sealed record MountItem(int Index, string Where, RuntimeMount Mount, string Destination, MountOptions Options);
