using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Linux.Seccomp;

namespace DockerPS.Runtime.Seccomp;

/// <summary>What of linux.seccomp is no rule: flags of seccomp(2), and who answers for SCMP_ACT_NOTIFY.</summary>
internal readonly record struct SeccompSettings(uint Flags, string? ListenerPath, string? ListenerMetadata)
{
    /// <exception cref="SeccompPolicyException">A flag that nobody knows, or not this kernel.</exception>
    public static SeccompSettings Read(JsonElement seccomp) => new(ReadFlags(seccomp), Text(seccomp, "listenerPath"), Text(seccomp, "listenerMetadata"));

    private static uint ReadFlags(JsonElement seccomp)
    {
        // As runc does: a filter is no reason to slow the process down by the mitigation of Speculative Store Bypass.
        if (!seccomp.TryGetProperty("flags", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return LibC.SECCOMP_FILTER_FLAG_SPEC_ALLOW;
        uint flags = 0;
        int at = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string name = item.ValueKind == JsonValueKind.String ? item.GetString()! : "";
            if (!SeccompSupport.TryParseFlag(name, out uint flag))
                throw new SeccompPolicyException($"flags[{at}]", $"is '{name}', which is no flag of seccomp(2)");
            if (!SeccompSupport.IsSupported(flag))
                throw new SeccompPolicyException($"flags[{at}]", $"is {name}, which this kernel does not know");
            flags |= flag;
            at++;
        }

        return flags;
    }

    private static string? Text(JsonElement seccomp, string name) =>
        seccomp.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } value
            ? value
            : null;
}
