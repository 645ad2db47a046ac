namespace DockerPS.Oci.Seccomp;

/// <summary>What conditions of a profile ask about besides the capabilities.</summary>
/// <param name="Architecture">As Go and Docker name it: <c>amd64 arm64 arm 386 s390x ppc64le riscv64 loong64</c>.</param>
/// <param name="KernelMajor">6 of 6.1.</param>
/// <param name="KernelMinor">1 of 6.1.</param>
public readonly record struct SeccompHost(string Architecture, int KernelMajor, int KernelMinor)
{
    /// <summary>From what uname(2) says: <c>6.1.0-27-amd64</c>.</summary>
    public static SeccompHost From(string architecture, string release)
    {
        ReadOnlySpan<char> rest = release;
        int major = Number(ref rest);
        return new(architecture, major, Number(ref rest));
    }

    public bool KernelIsAtLeast(int major, int minor) => KernelMajor > major || (KernelMajor == major && KernelMinor >= minor);

    /// <summary>The runtime-spec's name of a processor, with those whose programs run on it too; empty for one without filters.</summary>
    public IReadOnlyList<string> Architectures => Architecture switch
    {
        "amd64" => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "arm64" => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        "386" => ["SCMP_ARCH_X86"],
        "arm" => ["SCMP_ARCH_ARM"],
        "s390x" => ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
        "ppc64le" => ["SCMP_ARCH_PPC64LE"],
        "riscv64" => ["SCMP_ARCH_RISCV64"],
        "loong64" => ["SCMP_ARCH_LOONGARCH64"],
        "mips64" => ["SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32"],
        "mips64le" => ["SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"],
        _ => [],
    };

    private static int Number(ref ReadOnlySpan<char> text)
    {
        int value = 0, length = 0;
        for (; length < text.Length && length < 6 && char.IsAsciiDigit(text[length]); length++) value = (value * 10) + (text[length] - '0');
        text = text[Math.Min(length + 1, text.Length)..];
        return value;
    }
}
