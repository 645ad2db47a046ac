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
        ulong grantable = Grantable(setting.InUserNamespace);
        plan.Add(RuntimeStages.Capabilities, "capset()", new Step
        {
            Kind = StepKind.CapabilitySets,
            Flags = Mask(sets.Effective, "effective") & grantable,
            Value = Mask(sets.Permitted, "permitted") & grantable,
            Extra = Mask(sets.Inheritable, "inheritable") & grantable,
            Clear = Mask(sets.Ambient, "ambient") & grantable,
        });

        if (process.NoNewPrivileges)
        {
            plan.Add(
                RuntimeStages.Capabilities, "prctl(PR_SET_NO_NEW_PRIVS)", new Step { Kind = StepKind.NoNewPrivileges });
        }
    }

    /// <summary>
    /// Says which capabilities the container does not get since the runtime lacks them, which is no reason to fail (config.md, "Linux Process").
    /// </summary>
    public static void Warn(RuntimeProcess process, bool inUserNamespace, Action<string> warn)
    {
        RuntimeCapabilities sets = Sets(process);
        ulong missing = (Mask(sets.Permitted, "permitted") | Mask(sets.Inheritable, "inheritable")) & ~Grantable(inUserNamespace);
        for (int number = 0; missing != 0; number++, missing >>= 1)
        {
            if ((missing & 1) != 0)
                warn($"process.capabilities: {CapabilityName.All[number]} is left out, as the runtime does not have it itself");
        }
    }

    /// <summary>A process has all in a user namespace of its own; elsewhere what the runtime has.</summary>
    private static ulong Grantable(bool inUserNamespace) => inUserNamespace ? ulong.MaxValue : Capabilities.Permitted();

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
