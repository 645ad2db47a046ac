namespace DockerPS.Oci.RuntimeSpec;

public sealed partial class RuntimeConfigValidator
{
    private void CheckMounts()
    {
        for (int i = 0; i < _config.Mounts?.Count; i++)
        {
            RuntimeMount mount = _config.Mounts[i];
            if (mount.Destination.Length == 0) throw Wrong($"$.mounts[{i}].destination", "is empty: name a path in the container");
            if (mount.Destination[0] != '/')
            {
                _warn($"$.mounts[{i}].destination: {Quote(mount.Destination)} is relative, which is deprecated; it is taken from \"/\"");
                mount.Destination = "/" + mount.Destination;
            }

            bool bind = false, idmap = false;
            foreach (string option in mount.Options ?? [])
            {
                bind |= option is "bind" or "rbind";
                idmap |= option is "idmap" or "ridmap";
            }

            if (bind || mount.Type == "bind") WarnOfDataOptions(mount, $"$.mounts[{i}].options");
            if (bind && string.IsNullOrEmpty(mount.Source)) throw Wrong($"$.mounts[{i}].source", "is missing: a bind mount needs it");
            bool uids = mount.UidMappings is { Count: > 0 }, gids = mount.GidMappings is { Count: > 0 };
            if (uids != gids)
                throw Wrong($"$.mounts[{i}].{(uids ? "gidMappings" : "uidMappings")}", "is missing: both mappings must be there, or none");
            if (uids)
            {
                CheckMappings(mount.UidMappings!, $"$.mounts[{i}].uidMappings");
                CheckMappings(mount.GidMappings!, $"$.mounts[{i}].gidMappings");
            }
            else if (idmap && Find("user") is null)
            {
                throw Wrong($"$.mounts[{i}].options", "asks for an idmapped mount: add uidMappings and gidMappings, or a user namespace");
            }
        }
    }

    /// <summary>What a file system would read, a bind mount has no use for: mount(2) passes over it, and tools write it all the same.</summary>
    private void WarnOfDataOptions(RuntimeMount mount, string at)
    {
        for (int i = 0; i < mount.Options?.Count; i++)
        {
            string option = mount.Options[i];
            if (option.Contains('=', StringComparison.Ordinal) && !option.Contains("idmap=", StringComparison.Ordinal))
                _warn($"{at}[{i}]: {Quote(option)} is passed over, since a bind mount has the options of what it binds");
        }
    }

    /// <summary>user_namespaces(7), "Defining user and group ID mappings".</summary>
    private static void CheckMappings(List<RuntimeIdMapping> mappings, string at)
    {
        const int Most = 340;
        if (mappings.Count > Most) throw Wrong(at, $"has more than the {Most} entries that the kernel takes");
        for (int i = 0; i < mappings.Count; i++)
        {
            RuntimeIdMapping mapping = mappings[i];
            if (mapping.Size == 0) throw Wrong($"{at}[{i}].size", "must not be 0");
            if ((ulong)mapping.ContainerId + mapping.Size > uint.MaxValue) throw Wrong($"{at}[{i}].containerID", "and size go beyond 4294967295");
            if ((ulong)mapping.HostId + mapping.Size > uint.MaxValue) throw Wrong($"{at}[{i}].hostID", "and size go beyond 4294967295");
            for (int j = 0; j < i; j++)
            {
                if (Overlap(mapping.ContainerId, mapping.Size, mappings[j].ContainerId, mappings[j].Size))
                    throw Wrong($"{at}[{i}].containerID", $"overlaps with entry {j}");
                if (Overlap(mapping.HostId, mapping.Size, mappings[j].HostId, mappings[j].Size))
                    throw Wrong($"{at}[{i}].hostID", $"overlaps with entry {j}");
            }
        }
    }

    private static bool Overlap(ulong first, ulong size, ulong other, ulong otherSize) => first < other + otherSize && other < first + size;

    private static void CheckHooks(RuntimeHooks? hooks)
    {
        if (hooks is null) return;
        CheckHooks(hooks.Prestart, "prestart");
        CheckHooks(hooks.CreateRuntime, "createRuntime");
        CheckHooks(hooks.CreateContainer, "createContainer");
        CheckHooks(hooks.StartContainer, "startContainer");
        CheckHooks(hooks.Poststart, "poststart");
        CheckHooks(hooks.Poststop, "poststop");
    }

    private static void CheckHooks(List<RuntimeHook>? hooks, string kind)
    {
        for (int i = 0; i < hooks?.Count; i++)
        {
            RuntimeHook hook = hooks[i];
            if (!hook.Path.StartsWith('/')) throw Wrong($"$.hooks.{kind}[{i}].path", $"{Quote(hook.Path)} must be absolute: begin with a slash");
            if (hook.Timeout <= 0) throw Wrong($"$.hooks.{kind}[{i}].timeout", "must be greater than zero; leave it out for no limit");
            CheckEnvironment(hook.Env, $"$.hooks.{kind}[{i}].env");
        }
    }
}
