using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Becoming the root of a user namespace, whose files the rest of the birth makes.</summary>
internal static class UserNamespace
{
    public static void BecomeRoot(StepPlan plan, Setting setting)
    {
        if (!setting.InUserNamespace) return;
        IdMaps? maps = setting.Maps;
        // A joined one may have maps of any kind, which are not looked at.
        plan.Add(RuntimeStages.User, "setresuid(root of the user namespace)", new Step
        {
            Kind = StepKind.BecomeRoot,
            Value = maps?.Users.Root ?? 0,
            Extra = maps?.Groups.Root ?? 0,
            Flags = maps switch
            {
                null => 3,
                { DeniesGroups: true } => 1,
                _ when !setting.Privileged => 1,
                _ => 0,
            },
        });
        if (maps is { DeniesGroups: true } && setting.Process.User.AdditionalGids is { Count: > 0 })
            throw Setting.Invalid("process.user.additionalGids: a user namespace that is made without privileges has no further groups");
    }
}
