namespace DockerPS.Engine.Store;

/// <summary>What a repository of a registry calls an image by content.</summary>
/// <param name="Repository">The familiar name (<c>mysql</c>, <c>localhost:5000/a/b</c>).</param>
/// <param name="Digest">Of the manifest, or of the index that its name led to.</param>
/// <param name="Manifest">Of the image's own manifest.</param>
internal sealed record RepositoryDigest(string Repository, string Digest, string Manifest);
