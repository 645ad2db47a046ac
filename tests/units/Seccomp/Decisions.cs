using System.Runtime.CompilerServices;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Units.Seccomp;

/// <summary>What a resolved profile says about one call, by its words alone.</summary>
internal static class Decisions
{
    private static readonly ConditionalWeakTable<RuntimeSeccomp, ILookup<string, RuntimeSeccompRule>> Rules = [];

    /// <summary><c>SCMP_ACT_ERRNO(1)</c> and the like.</summary>
    public static string Of(RuntimeSeccomp profile, string name, params ReadOnlySpan<ulong> arguments)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (RuntimeSeccompRule rule in Rules.GetValue(profile, ByName)[name])
        {
            if (Holds(rule, arguments)) found.Add(Text(rule.Action, rule.ErrnoRet));
        }

        // Profiles in which two rules contradict each other have no one meaning.
        return found.Count == 0 ? Text(profile.DefaultAction, profile.DefaultErrnoRet) : string.Join(" and ", found);
    }

    /// <summary>The kernel's number as the same words.</summary>
    public static string Of(uint action) => (action & 0xFFFF0000) switch
    {
        0x80000000 => "SCMP_ACT_KILL_PROCESS",
        0 => "SCMP_ACT_KILL_THREAD",
        0x00030000 => "SCMP_ACT_TRAP",
        0x00050000 => $"SCMP_ACT_ERRNO({action & 0xFFFF})",
        0x7FC00000 => "SCMP_ACT_NOTIFY",
        0x7FF00000 => $"SCMP_ACT_TRACE({action & 0xFFFF})",
        0x7FFC0000 => "SCMP_ACT_LOG",
        0x7FFF0000 => "SCMP_ACT_ALLOW",
        _ => $"0x{action:x8}",
    };

    private static ILookup<string, RuntimeSeccompRule> ByName(RuntimeSeccomp profile) =>
        (profile.Syscalls ?? []).SelectMany(r => r.Names.Select(n => (n, r))).ToLookup(p => p.n, p => p.r);

    private static string Text(string action, uint? number) => action switch
    {
        "SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE" => $"{action}({number ?? 1})",
        "SCMP_ACT_KILL" => "SCMP_ACT_KILL_THREAD",
        _ => action,
    };

    private static bool Holds(RuntimeSeccompRule rule, ReadOnlySpan<ulong> arguments)
    {
        foreach (RuntimeSeccompArgument condition in rule.Args ?? [])
        {
            if (!Holds(condition.Op, arguments[(int)condition.Index], condition.Value, condition.ValueTwo)) return false;
        }

        return true;
    }

    public static bool Holds(string comparison, ulong argument, ulong value, ulong second) => comparison switch
    {
        "SCMP_CMP_NE" => argument != value,
        "SCMP_CMP_LT" => argument < value,
        "SCMP_CMP_LE" => argument <= value,
        "SCMP_CMP_EQ" => argument == value,
        "SCMP_CMP_GE" => argument >= value,
        "SCMP_CMP_GT" => argument > value,
        "SCMP_CMP_MASKED_EQ" => (argument & value) == second,
        _ => throw new ArgumentException(comparison),
    };
}
