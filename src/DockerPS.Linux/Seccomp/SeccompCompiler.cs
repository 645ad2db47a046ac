using System.Runtime.InteropServices;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// Compiles a policy to the program that the kernel loads: libseccomp's, behind a short prelude (<see cref="SeccompPrelude"/>) for
/// system calls that are newer than the library or than the profile. Takes milliseconds; see <see cref="SeccompCache"/>.
/// </summary>
public static class SeccompCompiler
{
    /// <summary>Changes whenever the same policy compiles to something else.</summary>
    public const int Revision = 1;

    private const int SCMP_FLTATR_CTL_OPTIMIZE = 8;

    /// <exception cref="SeccompUnavailableException">libseccomp is absent.</exception>
    /// <exception cref="SeccompPolicyException">The kernel or the library does not know what is asked for.</exception>
    public static SeccompInstruction[] Compile(SeccompPolicy policy)
    {
        SeccompLibrary library = SeccompLibrary.Load();
        var prelude = new SeccompPrelude(policy);
        using SeccompLibrary.Builder builder = library.Start(policy.DefaultAction);
        SetArchitectures(builder, policy.Architectures, library.Version);
        // A binary tree over the numbers: faster to decide and, as the kernel tries a filter with each number, to load. Since 2.5.
        _ = builder.SetAttribute(SCMP_FLTATR_CTL_OPTIMIZE, 2);
        for (int i = 0; i < policy.Rules.Count; i++)
        {
            SeccompRule rule = policy.Rules[i];
            foreach (string name in rule.Names)
            {
                int number = library.Resolve(name);
                if (number == -1)
                {
                    prelude.Add(name, rule);
                    continue;
                }

                foreach (uint architecture in policy.Architectures) prelude.Know(architecture, library.Resolve(architecture, name));
                // libseccomp refuses a rule that says what is said anyway.
                if (rule.Action != policy.DefaultAction) Add(builder, number, name, rule, i);
            }
        }

        SeccompInstruction[] before = prelude.Write();
        ReadOnlySpan<SeccompInstruction> body = MemoryMarshal.Cast<byte, SeccompInstruction>(builder.Export());
        if (before.Length + body.Length > SeccompInstruction.Most)
            throw new SeccompPolicyException("syscalls", $"make a filter of more than {SeccompInstruction.Most} instructions, which no kernel takes");
        return [.. before, .. body];
    }

    private static void SetArchitectures(in SeccompLibrary.Builder builder, IReadOnlyList<uint> architectures, Version version)
    {
        bool native = false;
        foreach (uint architecture in architectures)
        {
            native |= architecture == SeccompArchitectures.Native;
            if (builder.AddArchitecture(architecture) is var result && result < 0 && result != -Errno.EEXIST)
            {
                throw new SeccompPolicyException(
                    "architectures",
                    $"holds {SeccompArchitectures.Name(architecture)}, which libseccomp {version} cannot filter on this machine");
            }
        }

        // A filter for another machine alone.
        if (!native) builder.RemoveArchitecture(SeccompArchitectures.Native);
    }

    private static void Add(in SeccompLibrary.Builder builder, int number, string name, SeccompRule rule, int index)
    {
        SeccompCondition[] conditions = [.. rule.Conditions];
        if (!HasTwoOnOneArgument(conditions))
        {
            Check(builder.AddRule(rule.Action, number, conditions), name, index);
            return;
        }

        for (int i = 0; i < conditions.Length; i++)
            Check(builder.AddRule(rule.Action, number, conditions.AsSpan(i, 1)), name, index);
    }

    internal static bool HasTwoOnOneArgument(IReadOnlyList<SeccompCondition> conditions)
    {
        int seen = 0;
        foreach (SeccompCondition condition in conditions)
        {
            int bit = 1 << (int)condition.Argument;
            if ((seen & bit) != 0) return true;
            seen |= bit;
        }

        return false;
    }

    private static void Check(int result, string name, int index)
    {
        // The same rule again changes nothing.
        if (result >= 0 || result == -Errno.EEXIST) return;
        throw new SeccompPolicyException(
            $"syscalls[{index}]", $"cannot be a rule for {name}: libseccomp says {Errno.Name(-result)} ({Errno.Text(-result)})");
    }
}
