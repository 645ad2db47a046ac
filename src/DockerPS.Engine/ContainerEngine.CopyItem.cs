using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

/// <summary>What <see cref="ContainerEngine.CopyItemAsync"/> copies.</summary>
public sealed record ItemCopy
{
    /// <summary>Container that the source is in; null is the host.</summary>
    public string? From { get; init; }

    /// <summary>Container that the target is in; null is the host.</summary>
    public string? To { get; init; }

    /// <summary>Path, absolute on the host. A slash at its end means a directory, <c>/.</c> what is in it.</summary>
    public required string Source { get; init; }

    /// <summary>The source may hold <c>*</c>, <c>?</c> and <c>[…]</c>.</summary>
    public bool Wildcards { get; init; }

    public required string Target { get; init; }

    /// <summary>It is one of several: the target must be a directory.</summary>
    public bool Several { get; init; }

    /// <summary>Take what a link at the source leads to.</summary>
    public bool FollowLink { get; init; }

    /// <summary>Keep owners.</summary>
    public bool Archive { get; init; }
}

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Copies files or directories between the host and containers, running or not. What a target means is as with docker cp: into a directory
    /// that is there, else under that name. A container that does not run cannot be started meanwhile.
    /// </summary>
    /// <exception cref="DockerNotFoundException">PathNotFound, ContainerNotFound.</exception>
    /// <exception cref="DockerArgumentException">PathNotDirectory, InvalidPath.</exception>
    public async Task<IReadOnlyList<ContainerItemCopy>> CopyItemAsync(ItemCopy copy, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        NeedRoot();
        ContainerRow? from = copy.From is null ? null : Resolve(copy.From), to = copy.To is null ? null : Resolve(copy.To);
        List<ContainerLock> held = [];
        try
        {
            // In one order for all, so that no two wait for each other.
            foreach (ContainerRow row in new[] { from, to }.OfType<ContainerRow>().DistinctBy(r => r.Id).OrderBy(r => r.Id, StringComparer.Ordinal))
            {
                if (!Liveness.Of(DirectoryOf(row.Id)).Running || row.State != ContainerState.Running)
                    held.Add(await LockAsync(row, cancellationToken).ConfigureAwait(false) ?? throw NotFound(row.Name));
            }

            CopyEnd? source = from is null ? null : EndOf(from), target = to is null ? null : to.Id == from?.Id ? source : EndOf(to);
            CopyItemResult result = await Verb.CopyItemAsync(
                new CopyItemRequest
                {
                    From = source, To = target, Source = copy.Source, Target = copy.Target, Wildcards = copy.Wildcards, Several = copy.Several,
                    FollowLink = copy.FollowLink, Archive = copy.Archive,
                },
                done => progress?.Report(new EngineProgress(copy.Source, "Copying", done, 0)), cancellationToken).ConfigureAwait(false);
            return
            [
                .. result.Items.Select(i => new ContainerItemCopy
                {
                    Source = Named(from, i.Source), Destination = Named(to, i.Target), Files = i.Files, Size = i.Size,
                }),
            ];
        }
        finally
        {
            foreach (ContainerLock one in held) one.Dispose();
        }

        static string Named(ContainerRow? row, string path) => row is null ? path : $"{row.Name}:{path}";
    }

    private CopyEnd EndOf(ContainerRow known)
    {
        ContainerRow row = Reload(known);
        ContainerDirectory directory = DirectoryOf(row.Id);
        Run run = Liveness.Of(directory);
        if (row.State == ContainerState.Running && run.Running && run.Supervised?.Init is { } init)
            return new CopyEnd { Name = row.Name, Pid = init.Pid, StartTime = init.StartTime };
        directory.Create();
        List<MountSource?> sources = SourcesOf(row, directory);
        return new CopyEnd
        {
            Name = row.Name,
            Root = directory.Rootfs,
            Layers = [.. Images.RunnableById(row.ImageId).LayerDirectories],
            UpperDirectory = directory.Upper,
            WorkDirectory = directory.Work,
            Mounts =
            [
                .. row.Spec.Mounts.Select((mount, i) => (Mount: mount, Source: sources[i]))
                    .OrderBy(m => m.Mount.Target.Count(c => c == '/'))
                    .Select(m => new CopyMount
                    {
                        Target = MountPlan.Clean(m.Mount.Target), Path = m.Source?.Path ?? m.Mount.Source, ReadOnly = m.Mount.ReadOnly || m.Source?.Options.Contains("ro") == true,
                        NonRecursive = m.Mount.NonRecursive, Source = m.Source?.Supervised, InMemory = m.Mount.Type == ContainerMountType.Tmpfs,
                    }),
            ],
        };
    }
}
