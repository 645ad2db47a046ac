namespace DockerPS.Linux.Cgroups;

/// <summary>The devices that every container may use, as the OCI runtime specification and Docker have them.</summary>
/// <remarks>https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-devices</remarks>
public static class DefaultDevices
{
    /// <summary>Device nodes may be made, yet only these opened: null, zero, full, random, urandom, tty, ptmx and terminals.</summary>
    public static readonly DeviceRule[] Allowed =
    [
        new(true, DeviceType.Character, null, null, DeviceAccess.Make),
        new(true, DeviceType.Block, null, null, DeviceAccess.Make),
        new(true, DeviceType.Character, 1, 3, DeviceAccess.All),
        new(true, DeviceType.Character, 1, 5, DeviceAccess.All),
        new(true, DeviceType.Character, 1, 7, DeviceAccess.All),
        new(true, DeviceType.Character, 1, 8, DeviceAccess.All),
        new(true, DeviceType.Character, 1, 9, DeviceAccess.All),
        new(true, DeviceType.Character, 5, 0, DeviceAccess.All),
        new(true, DeviceType.Character, 5, 1, DeviceAccess.All),
        new(true, DeviceType.Character, 5, 2, DeviceAccess.All),
        new(true, DeviceType.Character, 136, null, DeviceAccess.All),
    ];

    /// <summary>Nothing but <see cref="Allowed"/>.</summary>
    public static readonly DeviceRule[] Rules = [DeviceRule.Everything(allow: false), .. Allowed];

    /// <summary>
    /// A container's whole list: all is denied, then come the rules asked for, then <see cref="Allowed"/>. When those asked for allow
    /// everything (a privileged container), what stands before that and the defaults mean nothing and are left out.
    /// </summary>
    public static List<DeviceRule> With(IReadOnlyList<DeviceRule> asked)
    {
        int start = 0;
        for (int i = asked.Count - 1; i >= 0 && start == 0; i--)
            if (asked[i].IsForEverything) start = i + 1;
        bool allowed = start > 0 && asked[start - 1].Allow;

        var rules = new List<DeviceRule>(asked.Count - start + Rules.Length) { DeviceRule.Everything(allowed) };
        for (int i = start; i < asked.Count; i++) rules.Add(asked[i]);
        if (allowed) return rules;
        foreach (DeviceRule rule in Allowed)
            if (!rules.Contains(rule)) rules.Add(rule);
        return rules;
    }
}
