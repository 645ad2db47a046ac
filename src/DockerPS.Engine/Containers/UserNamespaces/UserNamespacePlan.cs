using System.Globalization;

namespace DockerPS.Engine.Containers.UserNamespaces;

/// <summary>Chooses the ids of a container's user namespace.</summary>
internal static class UserNamespacePlan
{
    /// <summary>The specification with the mappings that the container keeps.</summary>
    /// <param name="spec">Checked; its user namespace may be of any mode.</param>
    /// <param name="taken">Ranges that the other containers have.</param>
    /// <param name="machine">What is set aside on this machine.</param>
    /// <param name="invoker">Who asks.</param>
    /// <exception cref="DockerEnvironmentException">IdRangesExhausted.</exception>
    public static ContainerSpec Complete(
        ContainerSpec spec, IReadOnlyCollection<ContainerIdMapping> taken, SubordinateIds machine, InvokingUser invoker)
    {
        if (spec.UserNamespace is not { UidMappings.Count: 0 } asked) return spec;
        if (asked.Mode == ContainerUserNamespaceMode.Auto)
        {
            ContainerIdMapping[] range = [new ContainerIdMapping(0, IdRangePool.Find(asked.Size, machine, taken), asked.Size)];
            return spec with { UserNamespace = asked with { UidMappings = range, GidMappings = range } };
        }

        if (asked.Mode != ContainerUserNamespaceMode.KeepId) return spec;
        // The invoker's own ids are not to be given twice.
        uint first = IdRangePool.Find(
            asked.Size, machine, [.. taken, new ContainerIdMapping(0, invoker.Uid, 1), new ContainerIdMapping(0, invoker.Gid, 1)]);
        return spec with
        {
            UserNamespace = asked with
            {
                UidMappings = Around(asked.Uid ?? invoker.Uid, invoker.Uid, first, asked.Size),
                GidMappings = Around(asked.Gid ?? invoker.Gid, invoker.Gid, first, asked.Size),
            },
        };
    }

    /// <summary>With keep-id the container's process is that user unless another is named.</summary>
    public static ContainerSpec WithUser(ContainerSpec spec, InvokingUser invoker) =>
        spec is { UserNamespace: { Mode: ContainerUserNamespaceMode.KeepId } asked, User: null or "" }
            ? spec with
            {
                User = string.Create(CultureInfo.InvariantCulture, $"{asked.Uid ?? invoker.Uid}:{asked.Gid ?? invoker.Gid}"),
            }
            : spec;

    /// <summary>One id kept, all others from a range.</summary>
    private static ContainerIdMapping[] Around(uint inside, uint outside, uint first, uint size)
    {
        var kept = new ContainerIdMapping(inside, outside, 1);
        if (inside >= size) return [new ContainerIdMapping(0, first, size), kept];
        List<ContainerIdMapping> mappings = [];
        if (inside > 0) mappings.Add(new ContainerIdMapping(0, first, inside));
        mappings.Add(kept);
        if (inside < size - 1) mappings.Add(new ContainerIdMapping(inside + 1, first + inside + 1, size - inside - 1));
        return [.. mappings];
    }
}
