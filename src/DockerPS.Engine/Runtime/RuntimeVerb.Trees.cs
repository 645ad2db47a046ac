using System.Text.Json;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>Verbs that read what layers show, and mount it.</summary>
internal sealed partial class RuntimeVerb
{
    /// <summary>What the topmost layer changes in those below, told and as a tar.</summary>
    public Task<ArchiveResult> DiffLayerAsync(
        DiffRequest request, Action<IReadOnlyList<TreeChange>>? found, Action<long>? progress, CancellationToken cancellationToken) => RunAsync(
        Start(["diff-layer"], cancellationToken), request, null, BundleJson.Default.DiffRequest, BundleJson.Default.ArchiveResult, progress,
        cancellationToken, Changes(found));

    /// <summary>A tar of what layers show together.</summary>
    public Task<ArchiveResult> ArchiveTreeAsync(ArchiveTreeRequest request, Action<long>? progress, CancellationToken cancellationToken) => RunAsync(
        Start(["archive-tree"], cancellationToken), request, null, BundleJson.Default.ArchiveTreeRequest, BundleJson.Default.ArchiveResult, progress,
        cancellationToken);

    /// <summary>What differs between two trees.</summary>
    public Task<CompareTreesResult> CompareTreesAsync(
        CompareTreesRequest request, Action<IReadOnlyList<TreeChange>>? found, CancellationToken cancellationToken) => RunAsync(
        Start(["compare-trees"], cancellationToken), request, null, BundleJson.Default.CompareTreesRequest, BundleJson.Default.CompareTreesResult, null,
        cancellationToken, Changes(found));

    /// <summary>Bytes below directories, in their order.</summary>
    public async Task<IReadOnlyList<long>> MeasureTreesAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) => paths.Count == 0
        ? []
        : (await RunAsync(
            Start(["measure-trees"], cancellationToken), new MeasureRequest { Paths = [.. paths] }, null, BundleJson.Default.MeasureRequest,
            BundleJson.Default.MeasureResult, null, cancellationToken).ConfigureAwait(false)).Bytes;

    /// <summary>Mounts layers read-only.</summary>
    /// <returns>The real path.</returns>
    public async Task<string> MountTreeAsync(MountTreeRequest request, CancellationToken cancellationToken) => (await RunAsync(
        Start(["mount-tree"], cancellationToken), request, null, BundleJson.Default.MountTreeRequest, BundleJson.Default.MountResult, null,
        cancellationToken).ConfigureAwait(false)).Target;

    /// <summary>Takes a mount away.</summary>
    public Task UnmountTreeAsync(string target, bool detach, CancellationToken cancellationToken) => RunAsync(
        Start(["unmount-tree"], cancellationToken), new UnmountTreeRequest { Target = target, Detach = detach }, null,
        BundleJson.Default.UnmountTreeRequest, BundleJson.Default.MountResult, null, cancellationToken);

    private static Action<ReadOnlyMemory<byte>>? Changes(Action<IReadOnlyList<TreeChange>>? found) => found is null
        ? null
        : json => found(JsonSerializer.Deserialize(json.Span, BundleJson.Default.ListTreeChange)!);
}
