namespace DockerPS.Oci.Layers;

/// <summary>Fields of a header block: v7, ustar, GNU and star differ in what stands after the link's name.</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int BlockSize = 512;
    private readonly ReadOnlySpan<byte> _block = block;

    public byte TypeFlag => _block[156];
    public ReadOnlySpan<byte> Name => Text(_block[..100]);
    public ReadOnlySpan<byte> LinkName => Text(_block.Slice(157, 100));
    public ReadOnlySpan<byte> Mode => _block.Slice(100, 8);
    public ReadOnlySpan<byte> Uid => _block.Slice(108, 8);
    public ReadOnlySpan<byte> Gid => _block.Slice(116, 8);
    public ReadOnlySpan<byte> Size => _block.Slice(124, 12);
    public ReadOnlySpan<byte> Modified => _block.Slice(136, 12);
    public ReadOnlySpan<byte> DeviceMajor => _block.Slice(329, 8);
    public ReadOnlySpan<byte> DeviceMinor => _block.Slice(337, 8);

    /// <summary>GNU's sparse fields: four parts, whether blocks with more follow, the real size.</summary>
    public ReadOnlySpan<byte> SparseParts => _block.Slice(386, 96);
    public bool SparseIsExtended => _block[482] != 0;
    public ReadOnlySpan<byte> SparseSize => _block.Slice(483, 12);

    private bool IsUstar => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);
    private bool IsStar => IsUstar && _block.Slice(508, 4).SequenceEqual("tar\0"u8);
    private bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    /// <summary>Archives of Unix V7 have no device numbers.</summary>
    public bool HasDevices => IsUstar || IsGnu;

    /// <summary>What stands before the name and a slash; GNU keeps other things in its place.</summary>
    public ReadOnlySpan<byte> Prefix => IsUstar ? Text(_block.Slice(345, IsStar ? 131 : 155)) : default;

    public bool IsZero => !_block.ContainsAnyExcept((byte)0);

    /// <summary>The sum over the block with blanks for the sum itself; old programs added signed bytes.</summary>
    public bool ChecksumIsRight()
    {
        if (!TarNumber.TryParseField(_block.Slice(148, 8), out long expected)) return false;
        int unsigned = 8 * ' ', signed = 8 * ' ';
        for (int i = 0; i < BlockSize; i++)
        {
            if (i is >= 148 and < 156) continue;
            unsigned += _block[i];
            signed += (sbyte)_block[i];
        }
        return expected == unsigned || expected == signed;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
