using System.Runtime.InteropServices;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// Processors whose system calls a filter tells apart, as libseccomp's tokens: the kernel's AUDIT_ARCH_* (linux/audit.h), but for x32,
/// whose calls the kernel marks by a bit in their number.
/// </summary>
public static class SeccompArchitectures
{
    public const uint X86 = 0x40000003, X86_64 = 0xC000003E, X32 = 0x4000003E, Arm = 0x40000028, AArch64 = 0xC00000B7;

    /// <summary>__X32_SYSCALL_BIT.</summary>
    public const uint X32Bit = 0x40000000;

    private const uint Machine = 0xFFFF, Mips = 8;

    private static ReadOnlySpan<(string Name, uint Token)> All => new (string, uint)[]
    {
        ("SCMP_ARCH_X86", X86),
        ("SCMP_ARCH_X86_64", X86_64),
        ("SCMP_ARCH_X32", X32),
        ("SCMP_ARCH_ARM", Arm),
        ("SCMP_ARCH_AARCH64", AArch64),
        ("SCMP_ARCH_MIPS", 0x00000008),
        ("SCMP_ARCH_MIPS64", 0x80000008),
        ("SCMP_ARCH_MIPS64N32", 0xA0000008),
        ("SCMP_ARCH_MIPSEL", 0x40000008),
        ("SCMP_ARCH_MIPSEL64", 0xC0000008),
        ("SCMP_ARCH_MIPSEL64N32", 0xE0000008),
        ("SCMP_ARCH_PPC", 0x00000014),
        ("SCMP_ARCH_PPC64", 0x80000015),
        ("SCMP_ARCH_PPC64LE", 0xC0000015),
        ("SCMP_ARCH_S390", 0x00000016),
        ("SCMP_ARCH_S390X", 0x80000016),
        ("SCMP_ARCH_PARISC", 0x0000000F),
        ("SCMP_ARCH_PARISC64", 0x8000000F),
        ("SCMP_ARCH_RISCV64", 0xC00000F3),
        ("SCMP_ARCH_LOONGARCH64", 0xC0000102),
        ("SCMP_ARCH_M68K", 0x00000004),
        ("SCMP_ARCH_SH", 0x4000002A),
        ("SCMP_ARCH_SHEB", 0x0000002A),
    };

    /// <summary>This machine's.</summary>
    public static uint Native => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X86_64,
        Architecture.Arm64 => AArch64,
        Architecture.X86 => X86,
        Architecture.Arm => Arm,
        Architecture.S390x => 0x80000016,
        Architecture.Ppc64le => 0xC0000015,
        Architecture.RiscV64 => 0xC00000F3,
        Architecture.LoongArch64 => 0xC0000102,
        _ => throw new PlatformNotSupportedException("Seccomp is not supported on this processor."),
    };

    /// <summary>All names of the runtime-spec.</summary>
    public static string[] Names
    {
        get
        {
            var names = new string[All.Length];
            for (int i = 0; i < names.Length; i++) names[i] = All[i].Name;
            return names;
        }
    }

    public static bool TryParse(string name, out uint token)
    {
        foreach ((string known, uint value) in All)
        {
            if (known != name) continue;
            token = value;
            return true;
        }

        token = 0;
        return false;
    }

    /// <summary><c>SCMP_ARCH_X86_64</c> and the like.</summary>
    public static string Name(uint token)
    {
        foreach ((string name, uint value) in All)
        {
            if (value == token) return name;
        }

        return $"0x{token:x8}";
    }

    /// <summary>What the kernel says in seccomp_data.arch.</summary>
    internal static uint Audit(uint token) => token == X32 ? X86_64 : token;

    /// <summary>
    /// A range of numbers that stand apart from the others, and tell nothing of a profile's age: x32's own entries for calls with
    /// structures, and the calls that ARM keeps for itself (asm/unistd.h, __ARM_NR_BASE). Last is below First when there is none.
    /// </summary>
    internal static (uint First, uint Last) Apart(uint token) => token switch
    {
        X32 => (X32Bit | 512, X32Bit | 547),
        Arm => (0xF0000, 0xFFFFF),
        _ => (1, 0),
    };

    /// <summary>New system calls (since 5.1) have one number on all processors but these, which add an offset for each of their ABIs.</summary>
    internal static bool NumbersDiffer(uint token) => (token & Machine) == Mips;
}
