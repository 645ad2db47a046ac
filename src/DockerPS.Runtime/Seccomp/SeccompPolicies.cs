using DockerPS.Linux.Seccomp;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Seccomp;

/// <summary>From the runtime-spec's words to what the kernel and libseccomp take.</summary>
internal static class SeccompPolicies
{
    private const uint EPERM = 1;

    /// <summary>A policy; the machine's own architecture is always in it, as seccomp(3) wants.</summary>
    /// <exception cref="System.Text.Json.JsonException">A value that means nothing.</exception>
    public static SeccompPolicy From(RuntimeSeccomp seccomp) => From(seccomp, SeccompArchitectures.Native);

    /// <summary>A policy for another machine.</summary>
    public static SeccompPolicy From(RuntimeSeccomp seccomp, uint native)
    {
        RuntimeSeccompValidator.Validate(seccomp);
        var architectures = new List<uint> { native };
        foreach (string name in seccomp.Architectures ?? [])
        {
            SeccompArchitectures.TryParse(name, out uint token);
            if (!architectures.Contains(token)) architectures.Add(token);
        }

        var rules = new List<SeccompRule>();
        foreach (RuntimeSeccompRule rule in seccomp.Syscalls ?? [])
            rules.Add(new SeccompRule(rule.Names, Action(rule.Action, rule.ErrnoRet), Conditions(rule)));
        return new SeccompPolicy
        {
            DefaultAction = Action(seccomp.DefaultAction, seccomp.DefaultErrnoRet),
            Architectures = architectures,
            Rules = rules,
        };
    }

    private static uint Action(string name, uint? number)
    {
        SeccompActions.TryParse(name, out uint action);
        return SeccompActions.TakesData(action) ? action | (number ?? EPERM) : action;
    }

    private static SeccompCondition[] Conditions(RuntimeSeccompRule rule)
    {
        if (rule.Args is not { Count: > 0 } arguments) return [];
        var conditions = new SeccompCondition[arguments.Count];
        for (int i = 0; i < conditions.Length; i++)
        {
            RuntimeSeccompArgument argument = arguments[i];
            SeccompCondition.TryParse(argument.Op, out SeccompOperator comparison);
            conditions[i] = new SeccompCondition(argument.Index, comparison, argument.Value, argument.ValueTwo);
        }

        return conditions;
    }
}
