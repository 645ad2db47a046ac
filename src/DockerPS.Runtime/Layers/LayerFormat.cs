namespace DockerPS.Runtime.Layers;

/// <summary>How a layer is stored.</summary>
internal enum LayerFormat
{
    Tar,
    Gzip,
    Zstd,
}

/// <summary>Tells a layer's format.</summary>
internal static class LayerFormats
{
    /// <summary>By the first four bytes; what is nothing else is taken for a tar.</summary>
    public static LayerFormat Of(ReadOnlySpan<byte> magic)
    {
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return LayerFormat.Gzip;
        bool frame = magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]);
        bool skippable = magic.Length == 4 && (magic[0] & 0xF0) == 0x50 && magic[1..].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]);
        return frame || skippable ? LayerFormat.Zstd : LayerFormat.Tar;
    }
}
