using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;

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

    /// <summary>Those that were asked for by their name, by this container or by the one that it has them from.</summary>
    public HashSet<string> Named { get; } = new(StringComparer.Ordinal);

    /// <summary>In docker's order of rank: those asked for, those of other containers, those of the image.</summary>
    /// <param name="spec">Checked.</param>
    /// <param name="image">Its image's config.</param>
    /// <param name="others">The containers of <see cref="ContainerSpec.VolumesFrom"/> by the text there, with their mounts and what they asked for by name.</param>
    public static VolumePlan Make(
        ContainerSpec spec, ContainerImageConfiguration image, IEnumerable<(string From, ContainerSpec Spec, IReadOnlySet<string> Named)> others)
    {
        var plan = new VolumePlan(spec);
        foreach (ContainerMount mount in spec.Mounts) plan.Add(mount, named: mount.Source.Length > 0);
        foreach ((string from, ContainerSpec other, IReadOnlySet<string> named) in others)
        {
            string[] modes = from.Contains(':', StringComparison.Ordinal) ? from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',') : [];
            foreach (ContainerMount mount in other.Mounts)
            {
                if (mount.Type is not (ContainerMountType.Bind or ContainerMountType.Volume)) continue;
                plan.Add(
                    modes.Contains("ro") ? mount with { ReadOnly = true } : modes.Contains("rw") ? mount with { ReadOnly = false } : mount,
                    named.Contains(mount.Source));
            }
        }

        foreach (string target in image.Volumes.Where(target => target.Length > 0)) plan.Add(new ContainerMount { Type = ContainerMountType.Volume, Target = target }, named: false);
        plan.Spec = spec with { Mounts = plan._mounts };
        return plan;
    }

    private void Add(ContainerMount mount, bool named)
    {
        string target = MountPlan.Clean(mount.Target);
        if (target == "/")
        {
            throw new DockerArgumentException(
                "InvalidMount", $"'{mount.Target}', which image '{Spec.Image}' declares as a volume, is the root itself. Use another image.", Spec.Image);
        }

        if (!_targets.Add(target)) return;
        if (mount.Type == ContainerMountType.Volume)
        {
            bool anonymous = mount.Source.Length == 0;
            if (anonymous) mount = mount with { Source = VolumeNames.Anonymous() };
            else if (named) Named.Add(mount.Source);
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
