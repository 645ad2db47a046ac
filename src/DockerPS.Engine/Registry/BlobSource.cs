namespace DockerPS.Engine.Registry;

/// <summary>Content that goes to a registry: of a digest that is known, readable from anywhere as often as it takes.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Open">Opens it at an offset.</param>
internal sealed record BlobSource(string Digest, long Size, Func<long, Stream> Open)
{
    public static BlobSource Of(string digest, byte[] bytes) => new(digest, bytes.Length, offset => new MemoryStream(bytes, (int)offset, bytes.Length - (int)offset));
}

/// <summary>How a registry came to have a blob.</summary>
internal enum BlobPush
{
    /// <summary>It had it.</summary>
    Existing,

    /// <summary>It took it from another repository of its own.</summary>
    Mounted,

    Uploaded,
}
