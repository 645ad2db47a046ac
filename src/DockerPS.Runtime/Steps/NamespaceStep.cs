using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Namespaces (OCI runtime-spec, config-linux.md, "Namespaces"). New ones are made by clone3 itself, all at once, so that a new user namespace
/// owns the others; ones with a path are joined by the child; kinds that are not named stay the runtime's own.
/// Where joining must come first, into a user namespace or before a new one is made, the child forks again when it has joined.
/// </summary>
internal static class NamespaceStep
{
    /// <summary>Flags of clone3. Not with cgroup, whose root is where the child stands after joining, nor time, which clone3 enters at once.</summary>
    public static ulong CloneFlags(Setting setting) => JoinsFirst(setting) ? 0 : NewFlags(setting);

    public static void Join(StepPlan plan, Setting setting)
    {
        if (JoinsFirst(setting)) JoinAndFork(plan, setting);
        else if (setting.Maps is not null) AwaitMaps(plan, forked: false, needsMaps: true);
        else JoinPlainly(plan, setting);
        if (setting.Has("cgroup"))
        {
            plan.Add(
                RuntimeStages.Namespaces, "unshare(CLONE_NEWCGROUP)", new Step { Kind = StepKind.Unshare, Flags = LibC.CLONE_NEWCGROUP });
        }

        // As long as the process has the ids of the host its files in /proc are its own to write.
        TimeNamespace.Enter(plan, setting);
        UserNamespace.BecomeRoot(plan, setting);
    }

    /// <summary>The pid namespace that the parent must join for its children, or -1.</summary>
    public static int PidNamespace(Setting setting)
    {
        if (JoinsFirst(setting) || setting.Find("pid") is not { Path.Length: > 0 } item) return -1;
        return NamespaceFile.Open(setting, item);
    }

    /// <summary>All namespaces of a running container at once.</summary>
    public static void Enter(StepPlan plan, Setting setting, int initPidfd)
    {
        ulong flags = LibC.CLONE_NEWNS | LibC.CLONE_NEWUTS | LibC.CLONE_NEWIPC | LibC.CLONE_NEWNET | LibC.CLONE_NEWCGROUP
            | NamespaceFile.Different(initPidfd);
        bool user = (flags & LibC.CLONE_NEWUSER) != 0;
        // Those of the machine a plain user may not even join again.
        if (!setting.Privileged) flags &= ~NamespaceFile.Shared(initPidfd);
        if (!setting.HasMountNamespace) flags &= ~LibC.CLONE_NEWNS;
        // Without rights on the host, those for the pid namespace come with the user namespace, and count for a child.
        bool forks = user && !setting.Privileged;
        if (forks) flags |= LibC.CLONE_NEWPID;
        plan.Add(
            RuntimeStages.Namespaces,
            "setns(container)",
            new Step { Kind = StepKind.JoinNamespaces, Fd = initPidfd, Flags = flags });
        if (forks) Fork(plan, 0, needsMaps: false);
        if (!setting.HasMountNamespace) EnterRoot(plan, setting, initPidfd);
        if (user) UserNamespace.BecomeRoot(plan, setting);
        unsafe
        {
            plan.Add(RuntimeStages.Namespaces, "open(/)", new Step { Kind = StepKind.OpenRoot, Path = plan.Text("/") });
        }
    }

    /// <summary>A container without a mount namespace is in a chroot(2), which no namespace leads to: its first process's root does.</summary>
    private static void EnterRoot(StepPlan plan, Setting setting, int initPidfd)
    {
        int root = LibC.Open($"/proc/{Birth.PidOf(initPidfd)}/root", LibC.O_PATH | LibC.O_DIRECTORY);
        setting.Descriptors.Add(root);
        // Still the process that is meant, so its root is.
        if (LibC.SendSignal(initPidfd, 0) != 0) throw new RuntimeFailureException(RuntimeStages.Namespaces, "The container has ended.");
        plan.Add(RuntimeStages.Namespaces, "chroot()", new Step { Kind = StepKind.ChangeRoot, Fd = root });
    }

    private static void JoinPlainly(StepPlan plan, Setting setting)
    {
        foreach (RuntimeNamespace item in setting.Linux.Namespaces ?? [])
        {
            if (!string.IsNullOrEmpty(item.Path) && item.Type is not ("pid" or "user")) AddJoin(plan, setting, item, new Step());
        }
    }

    private static void JoinAndFork(StepPlan plan, Setting setting)
    {
        bool joinsUser = setting.Maps is null;
        var first = new List<(int Step, RuntimeNamespace Item)>();
        RuntimeNamespace? user = null;
        foreach (RuntimeNamespace item in setting.Linux.Namespaces ?? [])
        {
            if (item.Type == "user") user = item;
            else if (!string.IsNullOrEmpty(item.Path))
            {
                first.Add((plan.Count, item));
                // Owned by the host's user namespace or by the one that is joined: the rights to it are here, or there.
                AddJoin(plan, setting, item, new Step { Value = joinsUser ? 1UL : 0 });
            }
        }

        if (joinsUser)
        {
            AddJoin(plan, setting, user!, new Step());
            foreach ((int step, RuntimeNamespace item) in first) AddJoin(plan, setting, item, new Step { Value = 2, Clear = (ulong)step });
        }

        Fork(plan, NewFlags(setting), needsMaps: !joinsUser);
    }

    private static void Fork(StepPlan plan, ulong flags, bool needsMaps)
    {
        plan.Add(RuntimeStages.Namespaces, "clone3(namespaces)", new Step { Kind = StepKind.Fork, Flags = flags });
        plan.Forks = true;
        AwaitMaps(plan, forked: true, needsMaps);
    }

    private static void AwaitMaps(StepPlan plan, bool forked, bool needsMaps) =>
        plan.Add(RuntimeStages.Namespaces, "read(maps)", new Step
        {
            Kind = StepKind.AwaitMaps,
            Value = forked ? 1UL : 0,
            Flags = needsMaps ? 1UL : 0,
        });

    private static void AddJoin(StepPlan plan, Setting setting, RuntimeNamespace item, Step step)
    {
        step.Kind = StepKind.JoinNamespaces;
        step.Fd = NamespaceFile.Open(setting, item);
        step.Flags = NamespaceFile.Flag(item.Type);
        plan.Add(RuntimeStages.Namespaces, $"setns({item.Path})", step);
    }

    private static bool JoinsFirst(Setting setting)
    {
        if (!setting.InUserNamespace) return false;
        foreach (RuntimeNamespace item in setting.Linux.Namespaces!)
        {
            if (!string.IsNullOrEmpty(item.Path)) return true;
        }

        return false;
    }

    private static ulong NewFlags(Setting setting)
    {
        ulong flags = 0;
        foreach (RuntimeNamespace item in setting.Linux.Namespaces ?? [])
        {
            if (string.IsNullOrEmpty(item.Path)) flags |= NamespaceFile.Flag(item.Type);
        }

        return flags & ~(LibC.CLONE_NEWCGROUP | LibC.CLONE_NEWTIME);
    }
}
