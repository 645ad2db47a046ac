namespace DockerPS.Linux.Seccomp;

/// <summary>What a filter shall decide, ready to be compiled.</summary>
public sealed class SeccompPolicy
{
    /// <summary>For system calls that no rule meets (<see cref="SeccompActions"/>, with data).</summary>
    public required uint DefaultAction { get; init; }

    /// <summary>Tokens of <see cref="SeccompArchitectures"/>. Calls of any other kind kill the thread.</summary>
    public required IReadOnlyList<uint> Architectures { get; init; }

    public required IReadOnlyList<SeccompRule> Rules { get; init; }
}

/// <summary>An action for some system calls when all conditions hold.</summary>
/// <param name="Names">As the kernel calls them; names that nobody knows are passed over, since profiles serve many kernels.</param>
/// <param name="Action">With data.</param>
/// <param name="Conditions">At most six. Of two on one argument each is a rule of its own, as runc does.</param>
public sealed record SeccompRule(IReadOnlyList<string> Names, uint Action, IReadOnlyList<SeccompCondition> Conditions);
