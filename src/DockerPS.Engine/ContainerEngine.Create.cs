using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Containers.UserNamespaces;
using DockerPS.Engine.Networks;
using DockerPS.Engine.Store;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{

    /// <summary>Makes a container of a stored image.</summary>
    /// <inheritdoc cref="CreateContainerAsync(ContainerSpec, ContainerImageSource, IProgress{EngineProgress}?, CancellationToken)"/>
    public Task<Container> CreateContainerAsync(ContainerSpec spec, CancellationToken cancellationToken) =>
        CreateContainerAsync(spec, ContainerImageSource.Store, null, cancellationToken);

    /// <summary>Makes a container; nothing runs yet. Atomic: when it fails nothing is left but an image that was brought for it.</summary>
    /// <exception cref="DockerArgumentException">An option makes no sense; its ErrorId says which.</exception>
    /// <exception cref="DockerNotFoundException">ImageNotFound, ContainerNotFound (of a shared namespace), PlatformNotFound.</exception>
    /// <exception cref="DockerConflictException">NameTaken.</exception>
    /// <exception cref="DockerRegistryException">The image cannot be had.</exception>
    public async Task<Container> CreateContainerAsync(
        ContainerSpec spec, ContainerImageSource source, IProgress<EngineProgress>? progress, CancellationToken cancellationToken)
    {
        SpecChecks.Check(spec);
        InvokingUser invoker = InvokingUser.FromEnvironment();
        CatalogueDatabase catalogue = Catalogue;
        NeedRoot();
        if (spec.Name is { } wanted && ContainerTable.ByName(catalogue, wanted) is { } holder) throw NameTaken(wanted, holder);
        RunnableImage image = await ImageOfAsync(spec.Image, source, progress, cancellationToken).ConfigureAwait(false);
        ContainerSpec merged = Canonical(ImageDefaults.Merge(UserNamespacePlan.WithUser(spec, invoker), image.Image));
        SpecChecks.Check(merged);
        VolumePlan volumes = await PlanVolumesAsync(merged, image.Image.Config, cancellationToken).ConfigureAwait(false);
        merged = volumes.Spec;
        byte[]? seccomp = SeccompOption.Read(merged);
        cancellationToken.ThrowIfCancellationRequested();

        ContainerRow row = Insert(catalogue, merged, image.Image.Id, invoker, volumes);
        try
        {
            ContainerDirectory directory = DirectoryOf(row.Id);
            directory.Create();
            if (seccomp is not null) await File.WriteAllBytesAsync(directory.SeccompProfile, seccomp, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            DeleteRow(row, withVolumes: true);
            if (StoreErrors.From(e, _options.Root) is { } error) throw error;
            throw;
        }

        LogCreated(row.Name, row.Id, row.Image);
        return Present(row, default);
    }

    /// <summary>Gives another name, also while it runs.</summary>
    /// <exception cref="DockerConflictException">NameTaken.</exception>
    public Container RenameContainer(string id, string newName)
    {
        ContainerNames.CheckName(newName);
        ContainerRow row = Resolve(id);
        if (!ContainerTable.TryRename(Catalogue, row.Id, newName, out bool found))
            throw found ? NameTaken(newName, ContainerTable.ByName(Catalogue, newName)) : NotFound(id);
        if (row.State == ContainerState.Running)
        {
            // The others of its networks learn of it. One that has just ended has no names any more.
            var request = new ControlRequest { Verb = "rename", Name = row.Name, NewName = newName };
            TryAskAsync(row, request, CancellationToken.None).GetAwaiter().GetResult();
        }

        return View(row with { Name = newName }) ?? throw NotFound(id);
    }

    private ContainerRow Insert(
        CatalogueDatabase catalogue, ContainerSpec spec, string imageId, InvokingUser invoker, VolumePlan volumes)
    {
        SubordinateIds? machine = spec.UserNamespace is { UidMappings.Count: 0, Mode: not ContainerUserNamespaceMode.Host } ? SubordinateIds.Read() : null;
        bool plain = machine is null && NetworkNames.Of(spec).Count == 0 && volumes.Volumes.Count == 0
            && !spec.Mounts.Any(m => m.Type == ContainerMountType.Image);
        for (int attempt = 0; ; attempt++)
        {
            string name = spec.Name ?? ContainerNames.NewName(attempt);
            var row = new ContainerRow
            {
                Id = ContainerNames.NewId(),
                Name = name,
                Image = spec.Image,
                ImageId = imageId,
                Created = DateTimeOffset.UtcNow,
                State = ContainerState.Created,
                Spec = spec with { Name = name },
            };
            InsertResult result = plain
                ? ContainerTable.TryInsert(catalogue, row)
                : ContainerTable.TryInsert(
                    catalogue,
                    ref row,
                    machine is null ? null : (own, taken) => UserNamespacePlan.Complete(own, taken, machine, invoker),
                    (lease, made) =>
                    {
                        AttachNew(lease, made);
                        AddVolumes(volumes, lease, made.Id);
                    });
            switch (result)
            {
                case InsertResult.Inserted:
                    return row;
                case InsertResult.ImageGone:
                    throw new DockerNotFoundException(
                        "ImageNotFound", $"Image '{spec.Image}' was removed at this moment. Import it again, then create the container.", spec.Image);
                case InsertResult.NameTaken when spec.Name is not null || attempt > 100:
                    throw NameTaken(name, ContainerTable.ByName(catalogue, name));
            }
        }
    }

    private static DockerConflictException NameTaken(string name, ContainerRow? holder) => new(
        "NameTaken",
        $"The name '{name}' belongs to container {holder?.Id[..12] ?? "(just removed)"}. Rename that one (Rename-Container) or remove it "
        + "(Remove-Container), or choose another name.",
        name);

    /// <summary>Shared namespaces by id, as a container's name may change.</summary>
    private ContainerSpec Canonical(ContainerSpec spec)
    {
        string network = ById(spec.Network)!;
        if (spec.Hostname is { } name && ContainerMode.Is(network))
        {
            throw new DockerArgumentException(
                "InvalidHostname", $"'{name}' cannot be set, as a container of a shared network has that one's host name. Leave it out.", name);
        }

        return spec with { Network = network, PidMode = ById(spec.PidMode), IpcMode = ById(spec.IpcMode), UtsMode = ById(spec.UtsMode) };

        string? ById(string? mode) => ContainerMode.Of(mode) is { } other
            ? ContainerMode.For(Resolve(other).Id)
            : mode;
    }
}
