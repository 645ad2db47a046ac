namespace DockerPS.Engine;

/// <summary>How far a piece of long work is: one <see cref="Item"/> (a layer, a file) of one activity.</summary>
/// <param name="Item">Stable name of the piece (short digest).</param>
/// <param name="Status">What is being done to it (<c>Copying</c>, <c>Unpacking</c>, <c>Done</c>).</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all, or 0 when not known.</param>
public readonly record struct EngineProgress(string Item, string Status, long Done, long Total);
