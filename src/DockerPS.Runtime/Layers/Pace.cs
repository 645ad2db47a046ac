namespace DockerPS.Runtime.Layers;

/// <summary>How fast something takes bytes; what was long ago counts less.</summary>
/// <param name="least">Bytes a second below which it is slow.</param>
/// <param name="trial">Bytes after which it is judged.</param>
internal struct Pace(long least, long trial)
{
    /// <summary>Trials after which the past is halved.</summary>
    private const int Memory = 4;

    private const double Second = 1e9;

    private long _bytes, _nanoseconds;

    public readonly bool IsSlow => _bytes >= trial && _bytes < least * (_nanoseconds / Second);

    public void Add(long bytes, long nanoseconds)
    {
        if (_bytes >= Memory * trial) (_bytes, _nanoseconds) = (_bytes / 2, _nanoseconds / 2);
        _bytes += bytes;
        _nanoseconds += nanoseconds;
    }
}
