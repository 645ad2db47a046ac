namespace DockerPS.Runtime.Layers;

/// <summary>A path as bytes with NUL at its end, at an address that does not move: what system calls take.
/// It must be reachable until the call returns: hold it in a field, not in a temporary.</summary>
internal sealed unsafe class NativePath
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(512, pinned: true);

    public int Length { get; private set; }

    public byte* Pointer => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>A copy with NUL at its end, to be pinned with <c>fixed</c> for one call.</summary>
    public static byte[] Terminate(ReadOnlySpan<byte> path)
    {
        var terminated = new byte[path.Length + 1];
        path.CopyTo(terminated);
        return terminated;
    }

    public void Set(ReadOnlySpan<byte> path)
    {
        path.CopyTo(Reserve(path.Length));
        SetLength(path.Length);
    }

    /// <summary>Room for a path of at most this length, to be filled before <see cref="SetLength"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length <= length) _bytes = GC.AllocateUninitializedArray<byte>(length * 2 + 1, pinned: true);
        return _bytes.AsSpan(0, length);
    }

    public void SetLength(int length)
    {
        Length = length;
        _bytes[length] = 0;
    }

    /// <summary>Ends the path at a slash for the time of one call; <see cref="Join"/> puts the slash back.</summary>
    public void Cut(int slash) => _bytes[slash] = 0;

    public void Join(int slash) => _bytes[slash] = (byte)'/';
}
