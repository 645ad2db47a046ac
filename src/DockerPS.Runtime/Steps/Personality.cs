using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>linux.personality (config-linux.md, "Personality"): how uname(2) and the like answer. Inherited by all that follows.</summary>
internal static class Personality
{
    public static void Set(StepPlan plan, Setting setting)
    {
        if (setting.Linux.Personality is not { } personality) return;
        ulong domain = personality.Domain switch
        {
            "LINUX" => 0,
            "LINUX32" => 8,
            _ => throw Setting.Invalid($"$.linux.personality.domain: '{personality.Domain}' is neither LINUX nor LINUX32"),
        };
        if (personality.Flags is { Count: > 0 } flags)
            throw Setting.Invalid($"$.linux.personality.flags: '{flags[0]}' is not known; the specification has none yet");
        plan.Add(
            RuntimeStages.Scheduling,
            $"$.linux.personality: personality({personality.Domain})",
            new Step { Kind = StepKind.Personality, Flags = domain });
    }
}
