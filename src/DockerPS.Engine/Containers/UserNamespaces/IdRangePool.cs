namespace DockerPS.Engine.Containers.UserNamespaces;

/// <summary>Finds ids of the host that no container has.</summary>
internal static class IdRangePool
{
    /// <summary>Where nobody set ids aside: above all that distributions give to users, below the sign bit, and beside what systemd-nspawn takes.</summary>
    private const uint First = 0x7000_0000, Last = 0x7FFD_FFFF;

    /// <summary>Ranges begin at multiples of this, which keeps them apart and readable.</summary>
    private const uint Step = 65536;

    /// <summary>The first id of a free range.</summary>
    /// <param name="size">How many ids.</param>
    /// <param name="machine">What is set aside on this machine.</param>
    /// <param name="taken">Ranges that containers have.</param>
    /// <exception cref="DockerEnvironmentException">IdRangesExhausted.</exception>
    public static uint Find(uint size, SubordinateIds machine, IReadOnlyCollection<ContainerIdMapping> taken)
    {
        bool own = machine.ForContainers.Count == 0;
        IEnumerable<ContainerIdMapping> pools = own ? [new ContainerIdMapping(0, First, Last - First + 1)] : machine.ForContainers;
        List<ContainerIdMapping> obstacles = own ? [.. taken, .. machine.OfOthers] : [.. taken];
        foreach (ContainerIdMapping pool in pools)
        {
            ulong end = (ulong)pool.HostId + pool.Size;
            ulong at = pool.HostId;
            while (at + size <= end)
            {
                var candidate = new ContainerIdMapping(0, (uint)at, size);
                if (obstacles.Find(o => o.SharesHostIds(candidate)) is not { } obstacle) return candidate.HostId;
                // Past what is in the way, at the next beginning of a range.
                ulong past = (ulong)obstacle.HostId + obstacle.Size - pool.HostId;
                at = pool.HostId + ((past + Step - 1) / Step * Step);
            }
        }

        throw new DockerEnvironmentException(
            "IdRangesExhausted",
            own
                ? "No range of ids is left for another container with a user namespace of its own. Remove containers that are no longer needed."
                : "The ranges of 'containers' or 'dockremap' in /etc/subuid and /etc/subgid have no room for another container. Widen them, "
                    + "remove containers that are no longer needed, or ask for fewer ids: auto:size=4096.",
            size);
    }
}
