using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// The root of a container that stays in the runtime's mount namespace, as config-linux.md, "Namespaces", wants it where none is named.
/// What such a container mounts must not become the machine's: so it is mounted in a detached clone of the root file system, to
/// which no path of the machine leads, and which goes with the last process in it.
/// </summary>
internal static class DetachedRoot
{
    /// <summary>Since then something can be mounted on what is detached itself.</summary>
    private static readonly Version s_first = new(6, 15);

    public static bool IsUsed(Setting setting) => !setting.HasMountNamespace && setting.Config.Mounts is { Count: > 0 };

    /// <summary>Refuses what only a mount namespace, or a later kernel, makes possible.</summary>
    /// <exception cref="RuntimeFailureException">There are such mounts.</exception>
    public static void Check(Setting setting)
    {
        if (setting.InUserNamespace) throw Refused("$.mounts", "without a mount namespace they would be mounts of the machine");
        if (Environment.OSVersion.Version < s_first) throw Refused("$.mounts", "without a mount namespace they need Linux 6.15");
    }

    /// <inheritdoc cref="Check(Setting)"/>
    public static void Check(MountItem item)
    {
        if (item.Options.Remount) throw Refused(item.Where, "cannot be remounted without a mount namespace");
        if (item.Mount.Type is "cgroup" or "cgroup2") throw Refused(item.Where, "a mount of cgroups needs a mount namespace");
        for (ulong rest = item.Options.Propagation; rest != 0; rest >>= 8)
        {
            // They are private already.
            if ((rest & 7) is not (2 or 3)) throw Refused(item.Where, "a mount that is shared or unbindable needs a mount namespace");
        }
    }

    private static RuntimeFailureException Refused(string property, string why) =>
        Setting.Invalid($"{property}: {why}; add one to $.linux.namespaces");
}
