using System.Runtime.InteropServices;

namespace DockerPS.Linux.Seccomp;

/// <summary>How an argument is compared; numbers are those of libseccomp (enum scmp_compare).</summary>
public enum SeccompOperator
{
    NotEqual = 1,
    Less = 2,
    LessOrEqual = 3,
    Equal = 4,
    GreaterOrEqual = 5,
    Greater = 6,

    /// <summary>(argument &amp; <see cref="SeccompCondition.Value"/>) == <see cref="SeccompCondition.Second"/>.</summary>
    MaskedEqual = 7,
}

/// <summary>A condition on one argument (0 to 5) of a system call, unsigned in 64 bits. Laid out as struct scmp_arg_cmp.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SeccompCondition(uint Argument, SeccompOperator Operator, ulong Value, ulong Second = 0)
{
    private static ReadOnlySpan<string> OperatorNames => new[]
    {
        "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
    };

    /// <summary>All names of the runtime-spec.</summary>
    public static string[] Operators => OperatorNames.ToArray();

    /// <summary>The operator of a name such as <c>SCMP_CMP_EQ</c>.</summary>
    public static bool TryParse(string name, out SeccompOperator @operator)
    {
        int at = OperatorNames.IndexOf(name);
        @operator = (SeccompOperator)(at + 1);
        return at >= 0;
    }
}
