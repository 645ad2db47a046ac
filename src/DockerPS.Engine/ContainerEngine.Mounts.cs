using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Volumes;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine;

/// <summary>Mounts of containers: what is made for them when the container is, and what they are of at each start.</summary>
public sealed partial class ContainerEngine
{
    /// <summary>Completes the mounts of a new container; images by id, as a name may move on.</summary>
    private async Task<VolumePlan> PlanVolumesAsync(ContainerSpec spec, ContainerImageConfiguration image, CancellationToken cancellationToken)
    {
        List<(string, ContainerSpec, IReadOnlySet<string>)> others = [.. (spec.VolumesFrom ?? []).Select(OtherOf)];
        VolumePlan plan = VolumePlan.Make(await WithImagesAsync(spec, cancellationToken).ConfigureAwait(false), image, others);
        foreach (VolumeRow volume in plan.Volumes) LocalDriver.Parse(volume.Options);
        return plan;
    }

    private (string From, ContainerSpec Spec, IReadOnlySet<string> Named) OtherOf(string from)
    {
        string[] parts = from.Split(':', 2);
        if (parts.Length == 2 && parts[1].Split(',').FirstOrDefault(mode => mode is not ("ro" or "rw" or "z" or "Z")) is { } wrong)
            throw new DockerArgumentException("InvalidMount", $"'{wrong}' in '{from}' is no mode of volumes. Write the container's name alone, or with :ro or :rw.", from);
        ContainerRow row = Resolve(parts[0]);
        using CatalogueDatabase.Lease lease = Catalogue.Rent();
        return (from, row.Spec, VolumeTable.NamedBy(lease, row.Id));
    }

    private async Task<ContainerSpec> WithImagesAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        if (!spec.Mounts.Any(m => m.Type == ContainerMountType.Image)) return spec;
        List<ContainerMount> mounts = [];
        foreach (ContainerMount mount in spec.Mounts)
        {
            mounts.Add(mount.Type == ContainerMountType.Image
                ? mount with { Source = (await Images.RunnableAsync(mount.Source, cancellationToken).ConfigureAwait(false)).Image.Id }
                : mount);
        }

        return spec with { Mounts = mounts };
    }

    /// <summary>Makes volumes that are missing, and records the uses, in the transaction that adds the container.</summary>
    private void AddVolumes(VolumePlan plan, CatalogueDatabase.Lease lease, string containerId)
    {
        foreach (VolumeRow volume in plan.Volumes)
        {
            if (VolumeTable.TryInsert(lease, volume)) new VolumeDirectory(_options, volume.Name).CreateNew(_options);
            VolumeTable.Use(lease, volume.Name, containerId, plan.Named.Contains(volume.Name));
        }

        foreach (ContainerMount mount in plan.Spec.Mounts)
            if (mount.Type == ContainerMountType.Image) VolumeTable.UseImage(lease, mount.Source, containerId);
    }

    /// <summary>What each mount of a container is of, in their order.</summary>
    /// <exception cref="DockerNotFoundException">VolumeNotFound, ImageNotFound.</exception>
    private List<MountSource?> SourcesOf(ContainerRow row, ContainerDirectory directory)
    {
        List<MountSource?> sources = [];
        CatalogueDatabase.Lease? lease = null;
        try
        {
            for (int i = 0; i < row.Spec.Mounts.Count; i++)
            {
                ContainerMount mount = row.Spec.Mounts[i];
                sources.Add(mount.Type switch
                {
                    ContainerMountType.Volume => VolumeSource(lease ??= Catalogue.Rent(), row, directory, mount, i),
                    ContainerMountType.Image => ImageSource(directory, mount, i),
                    _ => null,
                });
            }
        }
        finally
        {
            lease?.Dispose();
        }

        return sources;
    }

    private MountSource VolumeSource(CatalogueDatabase.Lease lease, ContainerRow row, ContainerDirectory directory, ContainerMount mount, int index)
    {
        VolumeRow volume = VolumeTable.ByName(lease, mount.Source) ?? throw VolumeNotFound(mount.Source);
        LocalDriver driver = LocalDriver.Parse(volume.Options);
        var files = new VolumeDirectory(_options, volume.Name);
        files.Create();
        string data = driver.Bind ?? files.Data;
        if (driver.Bind is { } bound && !Path.Exists(bound))
        {
            throw new DockerNotFoundException(
                "VolumeDeviceNotFound", $"The directory '{bound}' of volume '{volume.Name}' is not there. Make it, or remove the volume and make it anew.", volume.Name);
        }

        // Nor is anything written to what must not be written to.
        bool copies = mount.Subpath is null && !mount.Options.Contains("nocopy") && !driver.Options.Contains("ro");
        List<string> readOnly = driver.Options.Contains("ro") ? ["ro"] : [];
        if (driver.Type is null && mount.Subpath is null && !copies) return new MountSource(data, readOnly, null);
        return new MountSource(mount.Subpath is null ? data : Place(directory, index), readOnly, new SuperviseSource
        {
            Name = volume.Name,
            Data = driver.Type is null ? data : null,
            Type = driver.Type,
            Device = driver.Type is null ? null : driver.Device,
            Options = driver.Type is null ? [] : [.. driver.Resolved()],
            Peers = driver.Type is null ? [] : PeersOf(lease, row, volume.Name),
            Subpath = mount.Subpath,
            CopyFrom = copies ? mount.Target : null,
            Staging = driver.IsPlain ? files.Root : null,
            Lock = files.Lock,
        });
    }

    /// <summary>Containers that use a volume, and where each has it.</summary>
    private List<string> PeersOf(CatalogueDatabase.Lease lease, ContainerRow row, string volume)
    {
        List<string> peers = [];
        foreach (string id in VolumeTable.UserIds(lease, volume))
        {
            if (id == row.Id || ContainerTable.ById(Catalogue, id) is not { } other) continue;
            if (other.Spec.Mounts.FirstOrDefault(m => m.Type == ContainerMountType.Volume && m.Source == volume && m.Subpath is null) is { } there)
                peers.AddRange([DirectoryOf(id).Root, there.Target]);
        }

        return peers;
    }

    private MountSource ImageSource(ContainerDirectory directory, ContainerMount mount, int index)
    {
        string place = Place(directory, index), upper = Path.Join(directory.Mounts, $"{index}-upper"), work = Path.Join(directory.Mounts, $"{index}-work");
        if (!mount.ReadOnly)
        {
            Directory.CreateDirectory(upper);
            Directory.CreateDirectory(work);
        }

        return new MountSource(place, [], new SuperviseSource
        {
            Name = mount.Source,
            Layers = [.. Images.RunnableById(mount.Source).LayerDirectories],
            UpperDirectory = mount.ReadOnly ? null : upper,
            WorkDirectory = mount.ReadOnly ? null : work,
            Subpath = mount.Subpath,
        });
    }

    /// <summary>An empty directory over which another runtime finds what is mounted.</summary>
    private static string Place(ContainerDirectory directory, int index)
    {
        string place = Path.Join(directory.Mounts, index.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(place);
        return place;
    }
}
