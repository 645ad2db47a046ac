using DockerPS.Engine.Catalogue;

namespace DockerPS.Engine.Volumes;

/// <summary>What mounts a new container has in the end, and which volumes have to be there for them.</summary>
internal sealed class VolumePlan
{
    private readonly List<ContainerMount> _mounts = [];
    private readonly HashSet<string> _targets = new(StringComparer.Ordinal);

    private VolumePlan(ContainerSpec spec) => Spec = spec;

    /// <summary>With all mounts: every volume has a name.</summary>
    public ContainerSpec Spec { get; private set; }

    /// <summary>To be made unless they are there.</summary>
    public List<VolumeRow> Volumes { get; } = [];

    /// <summary>In docker's order of rank: those asked for, those of other containers, those of the image.</summary>
    /// <param name="spec">Checked.</param>
    /// <param name="image">Its image's config.</param>
    /// <param name="others">The containers of <see cref="ContainerSpec.VolumesFrom"/> by the text there, with their mounts.</param>
    public static VolumePlan Make(ContainerSpec spec, ContainerImageConfiguration image, IEnumerable<(string From, ContainerSpec Spec)> others)
    {
        var plan = new VolumePlan(spec);
        foreach (ContainerMount mount in spec.Mounts) plan.Add(mount);
        foreach ((string from, ContainerSpec other) in others)
        {
            string[] modes = from.Contains(':', StringComparison.Ordinal) ? from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',') : [];
            foreach (ContainerMount mount in other.Mounts)
            {
                if (mount.Type is not (ContainerMountType.Bind or ContainerMountType.Volume)) continue;
                plan.Add(modes.Contains("ro") ? mount with { ReadOnly = true } : modes.Contains("rw") ? mount with { ReadOnly = false } : mount);
            }
        }

        foreach (string target in image.Volumes) plan.Add(new ContainerMount { Type = ContainerMountType.Volume, Target = target });
        plan.Spec = spec with { Mounts = plan._mounts };
        return plan;
    }

    private void Add(ContainerMount mount)
    {
        if (!_targets.Add("/" + string.Join('/', mount.Target.Split('/', StringSplitOptions.RemoveEmptyEntries)))) return;
        if (mount.Type == ContainerMountType.Volume)
        {
            bool anonymous = mount.Source.Length == 0;
            if (anonymous) mount = mount with { Source = VolumeNames.Anonymous() };
            Volumes.Add(new VolumeRow
            {
                Name = mount.Source,
                Created = DateTimeOffset.UtcNow,
                Anonymous = anonymous,
                Labels = mount.VolumeLabels ?? new Dictionary<string, string>(),
                Options = mount.VolumeOptions ?? new Dictionary<string, string>(),
            });
        }

        _mounts.Add(mount);
    }
}
