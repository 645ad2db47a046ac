namespace DockerPS.Oci.Layers;

/// <summary>What a name says by the conventions of https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts</summary>
public enum WhiteoutKind
{
    /// <summary>An ordinary name.</summary>
    None,

    /// <summary><c>.wh.NAME</c>: NAME of the layers below is gone.</summary>
    Removal,

    /// <summary><c>.wh..wh..opq</c>: nothing that the layers below have in this directory shows.</summary>
    Opaque,

    /// <summary>Other names with <c>.wh..wh.</c>: AUFS's own bookkeeping, which is no content.</summary>
    Bookkeeping,
}

public static class Whiteout
{
    public static ReadOnlySpan<byte> Prefix => ".wh."u8;
    public static ReadOnlySpan<byte> OpaqueName => ".wh..wh..opq"u8;

    /// <summary>Tells what the last component of a name means; <paramref name="hidden"/> is the name that a removal hides.</summary>
    /// <exception cref="TarFormatException">The hidden name is empty, <c>.</c> or <c>..</c>, which would reach another directory.</exception>
    public static WhiteoutKind Classify(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> hidden)
    {
        hidden = default;
        if (!name.StartsWith(Prefix)) return WhiteoutKind.None;
        if (name.SequenceEqual(OpaqueName)) return WhiteoutKind.Opaque;
        hidden = name[Prefix.Length..];
        if (hidden.StartsWith(Prefix)) return WhiteoutKind.Bookkeeping;
        if (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
            throw new TarFormatException($"The whiteout '{TarEntry.Show(name)}' names nothing that could be removed.");
        return WhiteoutKind.Removal;
    }
}
