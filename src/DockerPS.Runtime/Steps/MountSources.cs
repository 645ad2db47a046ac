using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Sources of bind mounts that the parent has to open, because the child could not: it may be without rights to the path (in a user
/// namespace), or cut off from the machine's propagation.
/// </summary>
internal static class MountSources
{
    /// <summary>A detached clone of the source, or -1: the child opens it by its path.</summary>
    public static int Open(Setting setting, MountItem item, string source)
    {
        if (setting.MountTrees.TryGetValue(item.Index, out int given)) return given;
        if (setting.InUserNamespace && setting.Privileged)
            return MappedTree.Clone(setting, RuntimeStages.Mounts, source, item.Options.Recursive);
        if (!RootFileSystem.IsShared(setting)) return -1;
        // Still a peer of the machine's mount; what comes of that is up to the mount's own options.
        int tree = LibC.CloneTree(source, item.Options.Recursive);
        if (tree < 0)
        {
            throw RuntimeFailureException.From(
                RuntimeStages.Mounts, new LinuxException($"{item.Where}.source: open_tree({source})", -tree));
        }

        setting.Descriptors.Add(tree);
        return tree;
    }
}
