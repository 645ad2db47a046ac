namespace DockerPS.Linux.Seccomp;

/// <summary>
/// What is decided before libseccomp's program. A system call with a greater number than all that the profile names came after the
/// profile was written, and the C library of a newer distribution tries it first: unless the profile allows by default, it fails with
/// ENOSYS, upon which the C library falls back to an older call (clone3 to clone, faccessat2 to faccessat), where EPERM would make the
/// program fail. And names that the profile has and the installed libseccomp does not know are decided here.
/// </summary>
internal sealed class SeccompPrelude
{
    // offsetof(struct seccomp_data, …)
    private const uint NumberAt = 0, ArchitectureAt = 4;

    private readonly SeccompPolicy _policy;
    private readonly Dictionary<uint, Known> _known = [];

    public SeccompPrelude(SeccompPolicy policy)
    {
        _policy = policy;
        foreach (uint architecture in policy.Architectures) _known[architecture] = new Known(SeccompArchitectures.Apart(architecture));
    }

    private bool RefusesUnknown => (_policy.DefaultAction & SeccompActions.Mask) switch
    {
        SeccompActions.Allow or SeccompActions.Log or SeccompActions.Trace => false,
        SeccompActions.Error => _policy.DefaultAction != (SeccompActions.Error | Errno.ENOSYS),
        _ => true,
    };

    /// <summary>The profile names a system call of this number.</summary>
    public void Know(uint architecture, int number)
    {
        Known known = _known[architecture];
        // Negative ones are libseccomp's own, for calls that an architecture lacks.
        bool apart = number >= known.Apart.First && number <= known.Apart.Last;
        if (number >= 0 && !apart && number > known.Greatest) known.Greatest = number;
    }

    /// <summary>A rule for a name that libseccomp does not know; passed over when nobody does.</summary>
    public void Add(string name, SeccompRule rule)
    {
        foreach ((uint architecture, Known known) in _known)
        {
            int number = NewSyscalls.Number(name, architecture);
            if (number < 0) continue;
            Know(architecture, number);
            known.Rules.Add((number, rule));
        }
    }

    /// <summary>The instructions; whoever they do not decide for goes on behind them.</summary>
    public SeccompInstruction[] Write()
    {
        var code = new SeccompCode();
        bool any = false;
        code.Load(ArchitectureAt);
        foreach ((uint architecture, Known known) in _known)
        {
            if (architecture == SeccompArchitectures.X32) continue;
            bool hasX32 = architecture == SeccompArchitectures.X86_64 && _known.TryGetValue(SeccompArchitectures.X32, out _);
            if (known.Empty && !hasX32) continue;
            any = true;
            SeccompCode.Label next = code.UnlessEqual(SeccompArchitectures.Audit(architecture));
            code.Load(NumberAt);
            if (architecture == SeccompArchitectures.X86_64)
            {
                SeccompCode.Label own = code.UnlessGreaterOrEqual(SeccompArchitectures.X32Bit);
                // Without x32, libseccomp's program ends who uses its numbers.
                if (hasX32) Decide(code, _known[SeccompArchitectures.X32]);
                code.JumpToEnd();
                code.Place(own);
            }

            Decide(code, known);
            code.JumpToEnd();
            code.Place(next);
        }

        return any ? code.ToArray() : [];
    }

    private void Decide(SeccompCode code, Known known)
    {
        if (known.Greatest < 0) return;
        if (RefusesUnknown)
        {
            if (known.Apart.First < known.Apart.Last) PassOver(code, known.Apart);
            SeccompCode.Label old = code.UnlessGreater((uint)known.Greatest);
            code.Return(SeccompActions.Error | Errno.ENOSYS);
            code.Place(old);
        }

        known.Rules.Sort((a, b) => a.Number.CompareTo(b.Number));
        for (int i = 0; i < known.Rules.Count;)
        {
            int number = known.Rules[i].Number;
            SeccompCode.Label other = code.UnlessEqual((uint)number);
            for (; i < known.Rules.Count && known.Rules[i].Number == number; i++) Decide(code, known.Rules[i].Rule);
            code.JumpToEnd();
            code.Place(other);
        }
    }

    private static void PassOver(SeccompCode code, (uint First, uint Last) apart)
    {
        SeccompCode.Label below = code.UnlessGreaterOrEqual(apart.First);
        SeccompCode.Label within = code.UnlessGreater(apart.Last);
        code.Return(SeccompActions.Error | Errno.ENOSYS);
        code.Place(within);
        code.JumpToEnd();
        code.Place(below);
    }

    private static void Decide(SeccompCode code, SeccompRule rule)
    {
        if (!SeccompCompiler.HasTwoOnOneArgument(rule.Conditions))
        {
            code.ReturnIf(rule.Action, rule.Conditions);
            return;
        }

        foreach (SeccompCondition condition in rule.Conditions) code.ReturnIf(rule.Action, [condition]);
    }

    private sealed class Known((uint First, uint Last) apart)
    {
        public (uint First, uint Last) Apart => apart;

        public int Greatest { get; set; } = -1;

        public List<(int Number, SeccompRule Rule)> Rules { get; } = [];

        public bool Empty => Greatest < 0;
    }
}
