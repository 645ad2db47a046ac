using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Namespaces: new ones are made by clone3 itself, others are joined by the child (the pid namespace by the parent).</summary>
internal static class NamespaceStep
{
    /// <summary>Flags of clone3 for the namespaces that are new, cgroup excepted: its root is where the child stands, so it comes after joining.</summary>
    public static ulong CloneFlags(Setting setting)
    {
        ulong flags = LibC.CLONE_NEWNS;
        foreach (RuntimeNamespace item in setting.Linux.Namespaces ?? [])
        {
            ulong flag = Flag(item);
            if (string.IsNullOrEmpty(item.Path) && flag != LibC.CLONE_NEWCGROUP) flags |= flag;
        }

        return flags;
    }

    public static void Join(StepPlan plan, Setting setting)
    {
        foreach (RuntimeNamespace item in setting.Linux.Namespaces ?? [])
        {
            if (string.IsNullOrEmpty(item.Path))
            {
                if (item.Type == "cgroup")
                {
                    plan.Add(
                        RuntimeStages.Namespaces,
                        "unshare(CLONE_NEWCGROUP)",
                        new Step { Kind = StepKind.Unshare, Flags = LibC.CLONE_NEWCGROUP });
                }

                continue;
            }

            if (item.Type == "pid") continue;
            if (item.Type == "mount")
                throw new RuntimeFailureException(RuntimeStages.Namespaces, "A container cannot join a mount namespace by path yet.");
            int descriptor = OpenNamespace(item);
            setting.Descriptors.Add(descriptor);
            plan.Add(
                RuntimeStages.Namespaces,
                $"setns({item.Path})",
                new Step { Kind = StepKind.JoinNamespaces, Fd = descriptor, Flags = Flag(item) });
        }
    }

    /// <summary>The pid namespace that the parent must join for its children, or -1.</summary>
    public static int PidNamespace(Setting setting)
    {
        if (setting.Find("pid") is not { Path.Length: > 0 } item) return -1;
        int descriptor = OpenNamespace(item);
        setting.Descriptors.Add(descriptor);
        return descriptor;
    }

    /// <summary>All namespaces of a running container at once.</summary>
    public static void Enter(StepPlan plan, int initPidfd)
    {
        const ulong All = LibC.CLONE_NEWNS | LibC.CLONE_NEWUTS | LibC.CLONE_NEWIPC | LibC.CLONE_NEWNET | LibC.CLONE_NEWCGROUP;
        plan.Add(
            RuntimeStages.Namespaces,
            "setns(container)",
            new Step { Kind = StepKind.JoinNamespaces, Fd = initPidfd, Flags = All });
        unsafe
        {
            plan.Add(RuntimeStages.Namespaces, "open(/)", new Step { Kind = StepKind.OpenRoot, Path = plan.Text("/") });
        }
    }

    private static int OpenNamespace(RuntimeNamespace item)
    {
        try
        {
            return LibC.Open(item.Path!, LibC.O_RDONLY);
        }
        catch (LinuxException e)
        {
            throw RuntimeFailureException.From(RuntimeStages.Namespaces, e);
        }
    }

    private static ulong Flag(RuntimeNamespace item) => item.Type switch
    {
        "pid" => LibC.CLONE_NEWPID,
        "network" => LibC.CLONE_NEWNET,
        "mount" => LibC.CLONE_NEWNS,
        "ipc" => LibC.CLONE_NEWIPC,
        "uts" => LibC.CLONE_NEWUTS,
        "cgroup" => LibC.CLONE_NEWCGROUP,
        "user" or "time" => throw new RuntimeFailureException(
            RuntimeStages.Namespaces, $"A {item.Type} namespace is not supported yet; leave it out of linux.namespaces."),
        _ => throw Setting.Invalid($"linux.namespaces: '{item.Type}' is no namespace"),
    };
}
