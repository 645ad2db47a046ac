using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>User, groups and capabilities, in the order that keeps each change allowed (capabilities(7)).</summary>
internal static class Credentials
{
    /// <summary>The parent looks names up in the container's files, which stand by now.</summary>
    public static void Learn(StepPlan plan) =>
        plan.Add(RuntimeStages.User, "read(identity)", new Step { Kind = StepKind.LearnIdentity });

    /// <summary>Modes of what is made on the way are meant as they stand.</summary>
    public static void ClearUmask(StepPlan plan) =>
        plan.Add(RuntimeStages.User, "umask(0)", new Step { Kind = StepKind.Umask });

    public static void Become(StepPlan plan, Setting setting)
    {
        RuntimeProcess process = setting.Process;
        plan.Add(
            RuntimeStages.Capabilities,
            "prctl(PR_CAPBSET_DROP)",
            new Step { Kind = StepKind.BoundingSet, Flags = Mask(Sets(process).Bounding, "bounding") });
        plan.Add(
            RuntimeStages.User, "umask()", new Step { Kind = StepKind.Umask, Value = process.User.Umask ?? 0x12 /* 022 */ });
        plan.Add(RuntimeStages.User, "setresuid()", new Step { Kind = StepKind.BecomeUser });
    }

    /// <summary>What the process has from now on, and cannot gain by execve.</summary>
    public static void DropCapabilities(StepPlan plan, Setting setting)
    {
        RuntimeProcess process = setting.Process;
        RuntimeCapabilities sets = Sets(process);
        plan.Add(RuntimeStages.Capabilities, "capset()", new Step
        {
            Kind = StepKind.CapabilitySets,
            Flags = Mask(sets.Effective, "effective"),
            Value = Mask(sets.Permitted, "permitted"),
            Extra = Mask(sets.Inheritable, "inheritable"),
            Clear = Mask(sets.Ambient, "ambient"),
        });

        if (process.NoNewPrivileges)
        {
            plan.Add(
                RuntimeStages.Capabilities, "prctl(PR_SET_NO_NEW_PRIVS)", new Step { Kind = StepKind.NoNewPrivileges });
        }
    }

    /// <summary>A set that is not named is empty (config.md, "Linux Process"), and so are all when none is.</summary>
    private static RuntimeCapabilities Sets(RuntimeProcess process) => process.Capabilities ?? new RuntimeCapabilities();

    private static ulong Mask(List<string>? names, string set)
    {
        ulong mask = 0;
        foreach (string name in names ?? [])
        {
            int number = Capabilities.Number(name);
            if (number < 0) throw Setting.Invalid($"process.capabilities.{set}: '{name}' is no capability");
            mask |= 1UL << number;
        }

        return mask;
    }
}
