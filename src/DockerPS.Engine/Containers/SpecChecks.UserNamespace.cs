using DockerPS.Engine.Containers.UserNamespaces;

namespace DockerPS.Engine.Containers;

/// <summary>User namespaces, and what cannot be had together with one.</summary>
internal static partial class SpecChecks
{
    private static void CheckUserNamespace(ContainerSpec spec)
    {
        ContainerUserNamespace? asked = spec.UserNamespace;
        if (asked is null or { Mode: ContainerUserNamespaceMode.Host })
        {
            if (spec.Mounts.FirstOrDefault(m => m.IdMapped) is { } mapped)
                throw Wrong("InvalidMount", mapped.Target, "is to be idmapped in a container without a user namespace", "Add -UserNamespace auto, or leave idmap out.");
            return;
        }

        string text = asked.ToString();
        if (asked.Mode == ContainerUserNamespaceMode.KeepId && asked.UidMappings.Count == 0 && InvokingUser.FromEnvironment().Uid == 0)
            throw Wrong("InvalidUserNamespace", text, "is for a user who became root by sudo, and this is root itself", "Use auto, or a range.");
        if (asked.Mode == ContainerUserNamespaceMode.Range && (asked.UidMappings.Count == 0 || asked.GidMappings.Count == 0))
            throw Wrong("InvalidUserNamespace", text, "has no range of ids", "Write HOST:SIZE, such as 100000:65536.");
        CheckRanges(text, asked.UidMappings);
        CheckRanges(text, asked.GidMappings);
        string? conflict = spec.Privileged ? "-Privileged, which means rights over the whole machine"
            : spec.Network == "host" ? "-Network host"
            : spec.PidMode == "host" ? "-PidMode host"
            : IsOthers(spec.PidMode) ? "the process namespace of a container, which belongs to that one's user namespace"
            : IsOthers(spec.IpcMode) ? "the IPC namespace of a container, which belongs to that one's user namespace"
            : null;
        if (conflict is not null)
            throw Wrong("UserNamespaceConflict", text, "cannot be combined with " + conflict, "Leave one of the two out, or use -UserNamespace host.");
    }

    private static void CheckRanges(string text, IReadOnlyList<ContainerIdMapping> ranges)
    {
        if (ranges.Count > 340) throw Wrong("InvalidUserNamespace", text, "has more than 340 ranges", "The kernel takes 340 at most.");
        for (int i = 0; i < ranges.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                ContainerIdMapping a = ranges[i], b = ranges[j];
                bool inside = a.ContainerId < (ulong)b.ContainerId + b.Size && b.ContainerId < (ulong)a.ContainerId + a.Size;
                if (inside || a.SharesHostIds(b))
                    throw Wrong("InvalidUserNamespace", text, $"has ranges that overlap ({b} and {a})", "Give each id once.");
            }
        }
    }

    private static bool IsOthers(string? mode) => ContainerMode.Is(mode);
}
