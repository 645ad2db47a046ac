using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Idmapped bind mounts (config.md, "Mounts": uidMappings, gidMappings, options idmap and ridmap), opened before the container is born,
/// since only the host's rights suffice to map owners.
/// </summary>
internal static class MappedMounts
{
    /// <summary>Puts a detached, mapped clone of each source into <see cref="Setting.MountTrees"/>.</summary>
    public static void Open(Setting setting)
    {
        List<RuntimeMount> mounts = setting.Config.Mounts ?? [];
        for (int i = 0; i < mounts.Count; i++)
        {
            RuntimeMount mount = mounts[i];
            List<string> options = mount.Options ?? [];
            bool recursively = options.Contains("ridmap");
            if (!recursively && !options.Contains("idmap") && mount.UidMappings is null && mount.GidMappings is null) continue;
            string where = $"$.mounts[{i}]";
            if (mount.Type != "bind" && !options.Contains("bind") && !options.Contains("rbind"))
                throw Setting.Invalid($"{where}: only a bind mount can be mapped; mount the file system first and bind it");
            string source = Path.GetFullPath(
                mount.Source is { Length: > 0 } given ? given : throw Setting.Invalid($"{where}.source: is missing"), setting.Bundle);
            int userNamespace = Namespace(setting, mount, where);
            if (!setting.MountTrees.TryGetValue(i, out int tree)) tree = MappedTree.Clone(setting, RuntimeStages.Mounts, source, options.Contains("rbind"));
            MappedTree.Map(tree, userNamespace, recursively, RuntimeStages.Mounts, source);
            setting.MountTrees[i] = tree;
        }
    }

    private static int Namespace(Setting setting, RuntimeMount mount, string where)
    {
        if (mount.UidMappings is { Count: > 0 } users && mount.GidMappings is { Count: > 0 } groups)
            return setting.OpenMaps(new IdMaps(new IdMap(where + ".uidMappings", users), new IdMap(where + ".gidMappings", groups)));
        if (mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 })
            throw Setting.Invalid($"{where}: of uidMappings and gidMappings only one is there");
        if (setting.Maps is { } maps) return setting.OpenMaps(maps);
        if (setting.Find("user") is { } joined) return NamespaceFile.Open(setting, joined);
        throw Setting.Invalid($"{where}: 'idmap' needs uidMappings and gidMappings, or a container with a user namespace");
    }
}
