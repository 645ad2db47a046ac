namespace DockerPS.Linux.Seccomp;

/// <summary>A filter cannot be made as asked: a value that means nothing, or what this kernel or libseccomp does not know.</summary>
/// <param name="member">What is wrong, as a path below linux.seccomp: <c>syscalls[3].args[0].op</c>.</param>
/// <param name="reason">Why, as the rest of a sentence that begins with the member.</param>
public sealed class SeccompPolicyException(string member, string reason) : FormatException($"{member} {reason}")
{
    public string Member { get; } = member;

    public string Reason { get; } = reason;
}
