using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Oci.Seccomp;

/// <summary>
/// The filter of a container that asks for none: an allow list with the decisions of Docker's default profile. What is not in it fails
/// with EPERM. Calls that reach beyond the container's namespaces need the capability that the kernel would ask for outside.
/// </summary>
public static partial class DefaultSeccompProfile
{
    /// <summary>Changes whenever the tables do, so that filters compiled from older ones are not used (a test holds it to them).</summary>
    public const ulong Revision = 0x19235418326F6442;

    private const string Allow = "SCMP_ACT_ALLOW", Error = "SCMP_ACT_ERRNO";
    private const uint EPERM = 1, ENOSYS = 38;
    private const string Admin = "CAP_SYS_ADMIN";

    /// <summary>Resolves the profile.</summary>
    /// <param name="capabilities">The container's bounding set, by names such as <c>CAP_SYS_ADMIN</c>.</param>
    /// <param name="host">Where it will run.</param>
    public static RuntimeSeccomp For(IReadOnlyCollection<string> capabilities, SeccompHost host)
    {
        var rules = new List<RuntimeSeccompRule>();
        foreach (string subject in Everybody) Add(rules, subject);
        if (host.KernelIsAtLeast(4, 8)) Add(rules, Debugging);
        if (ForProcessor(host.Architecture) is { } own) Add(rules, own);
        foreach ((string capability, string names) in Privileged)
        {
            if (Holds(capabilities, capability)) Add(rules, names);
        }

        AddSockets(rules);
        AddPersonalities(rules);
        if (!Holds(capabilities, Admin)) AddClone(rules, host.Architecture);
        return new RuntimeSeccomp
        {
            DefaultAction = Error,
            DefaultErrnoRet = EPERM,
            Architectures = [.. host.Architectures],
            Syscalls = rules,
        };
    }

    private static bool Holds(IReadOnlyCollection<string> capabilities, string capability)
    {
        foreach (string held in capabilities)
        {
            if (string.Equals(held, capability, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static void Add(List<RuntimeSeccompRule> rules, string names, params ReadOnlySpan<RuntimeSeccompArgument> arguments) =>
        rules.Add(new RuntimeSeccompRule
        {
            Names = [.. names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)],
            Action = Allow,
            Args = arguments.IsEmpty ? null : [.. arguments],
        });

    private static RuntimeSeccompArgument Argument(uint index, string comparison, ulong value, ulong second = 0) =>
        new() { Index = index, Op = "SCMP_CMP_" + comparison, Value = value, ValueTwo = second };

    /// <summary>All families of sockets but AF_ALG (the kernel's cryptography) and AF_VSOCK (the way to the host of a virtual machine).</summary>
    private static void AddSockets(List<RuntimeSeccompRule> rules)
    {
        const ulong AF_ALG = 38, AF_VSOCK = 40;
        Add(rules, "socket", Argument(0, "LT", AF_ALG));
        Add(rules, "socket", Argument(0, "EQ", AF_ALG + 1));
        Add(rules, "socket", Argument(0, "GT", AF_VSOCK));
    }

    /// <summary>Linux, 32 bits, with the version number of 2.6, and asking for the present one; none that weakens address randomisation.</summary>
    private static void AddPersonalities(List<RuntimeSeccompRule> rules)
    {
        const ulong PER_LINUX = 0, PER_LINUX32 = 8, UNAME26 = 0x20000, Ask = 0xFFFFFFFF;
        foreach (ulong personality in (ReadOnlySpan<ulong>)[PER_LINUX, PER_LINUX32, UNAME26, UNAME26 | PER_LINUX32, Ask])
            Add(rules, "personality", Argument(0, "EQ", personality));
    }

    /// <summary>
    /// New processes and threads, but no new namespaces. A filter cannot look into the structure that clone3 takes; ENOSYS makes C
    /// libraries use clone.
    /// </summary>
    private static void AddClone(List<RuntimeSeccompRule> rules, string architecture)
    {
        // CLONE_NEW* of NS, CGROUP, UTS, IPC, USER, PID and NET. On s390 the flags are the second argument.
        const ulong Namespaces = 0x7E020000;
        Add(rules, "clone", Argument(architecture is "s390" or "s390x" ? 1u : 0, "MASKED_EQ", Namespaces));
        rules.Add(new RuntimeSeccompRule { Names = ["clone3"], Action = Error, ErrnoRet = ENOSYS });
    }
}
