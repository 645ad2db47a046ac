namespace DockerPS.Engine.Catalogue;

/// <summary>
/// A container as the catalogue knows it. <see cref="State"/> is Created, Running or Exited: Running says only that it was
/// started and that no end has been recorded; how it really stands is in its state.json.
/// </summary>
internal sealed record ContainerRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required string ImageId { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required ContainerState State { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
    public int? ExitCode { get; init; }
    public bool OomKilled { get; init; }
    public string? Error { get; init; }
    public required ContainerSpec Spec { get; init; }

    public bool AutoRemove => Spec.AutoRemove;
}
