using DockerPS.Linux.Seccomp;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Oci.Seccomp;
using DockerPS.Runtime.Seccomp;
using Xunit;

namespace DockerPS.Units.Seccomp;

/// <summary>The default profile as the program that the kernel loads, run call by call.</summary>
public class CompiledDefaultTests
{
    private const int Numbers = 560;

    private static readonly Dictionary<int, string> Newest = new()
    {
        [457] = "statmount", [458] = "listmount", [459] = "lsm_get_self_attr", [460] = "lsm_set_self_attr", [461] = "lsm_list_modules",
        [462] = "mseal", [463] = "setxattrat", [464] = "getxattrat", [465] = "listxattrat", [466] = "removexattrat",
    };

    [Theory]
    [InlineData("amd64", SeccompArchitectures.X86_64, false)]
    [InlineData("amd64", SeccompArchitectures.X86_64, true)]
    [InlineData("arm64", SeccompArchitectures.AArch64, false)]
    [InlineData("arm64", SeccompArchitectures.AArch64, true)]
    public void Each_number_gets_the_decision_of_Docker_s_profile(string architecture, uint native, bool privileged)
    {
        Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);
        string[] capabilities = privileged ? ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_NICE"] : Reference.Usual;
        var host = new SeccompHost(architecture, 6, 1);
        RuntimeSeccomp theirs = Reference.Profile.Resolve(capabilities, host);
        SeccompPolicy policy = SeccompPolicies.From(DefaultSeccompProfile.For(capabilities, host), native);
        var machine = new FilterMachine(SeccompCompiler.Compile(policy));
        var differences = new List<string>();
        foreach (uint token in policy.Architectures)
        {
            int greatest = theirs.Syscalls!.SelectMany(r => r.Names).Select(n => Number(token, n)).Where(n => !Apart(token, n)).Max();
            Assert.Equal(466, greatest);
            foreach (int number in Enumerable.Range(0, Numbers).Concat(Enumerable.Range(0xF0000, 20)).Concat([0x100000, 0x3FFFFFFF]))
            {
                string? name = Name(token, number);
                bool conditional = theirs.Syscalls!.Exists(r => r.Args is not null && name is not null && r.Names.Contains(name));
                foreach (ulong argument in conditional ? Reference.Arguments : [0])
                {
                    if (Is32(token) && argument > uint.MaxValue) continue;
                    string expected = number > greatest && !Apart(token, number) ? "SCMP_ACT_ERRNO(38)"
                        : name is null ? "SCMP_ACT_ERRNO(1)"
                        : Decisions.Of(theirs, name, argument, argument, 0, 0, 0, 0);
                    string actual = Decisions.Of(Run(machine, token, number, argument));
                    if (actual != expected) differences.Add($"{SeccompArchitectures.Name(token)} {number} {name}({argument:x}): {actual}, not {expected}");
                }
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public void Calls_of_another_kind_of_processor_end_the_thread()
    {
        Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);
        RuntimeSeccomp profile = DefaultSeccompProfile.For(Reference.Usual, new SeccompHost("amd64", 6, 1));
        profile.Architectures = null;
        var machine = new FilterMachine(SeccompCompiler.Compile(SeccompPolicies.From(profile, SeccompArchitectures.X86_64)));
        Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, 0)));
        Assert.Equal("SCMP_ACT_KILL_THREAD", Decisions.Of(machine.Run(SeccompArchitectures.X86, 3)));
        Assert.Equal("SCMP_ACT_KILL_THREAD", Decisions.Of(machine.Run(SeccompArchitectures.AArch64, 63)));
        Assert.Equal("SCMP_ACT_KILL_THREAD", Decisions.Of(machine.Run(SeccompArchitectures.X86_64, 0 | SeccompArchitectures.X32Bit)));
    }

    [Fact]
    public void A_decision_takes_few_instructions()
    {
        Assert.SkipWhen(LibSeccomp.Missing is not null, "SKIPPED: " + LibSeccomp.Missing);
        var machine = new FilterMachine(SeccompCompiler.Compile(
            SeccompPolicies.From(DefaultSeccompProfile.For(Reference.Usual, new SeccompHost("amd64", 6, 1)), SeccompArchitectures.X86_64)));
        int most = 0;
        for (int number = 0; number < 470; number++)
        {
            machine.Run(SeccompArchitectures.X86_64, number);
            most = Math.Max(most, machine.Taken);
        }

        // A list instead of a tree would take hundreds.
        Assert.InRange(most, 5, 60);
    }

    private static bool Is32(uint token) => token is SeccompArchitectures.X86 or SeccompArchitectures.X32 or SeccompArchitectures.Arm;

    private static uint Run(FilterMachine machine, uint token, int number, ulong argument)
    {
        bool x32 = token == SeccompArchitectures.X32;
        return machine.Run(
            x32 ? SeccompArchitectures.X86_64 : token, x32 ? number | (int)SeccompArchitectures.X32Bit : number, argument, argument, 0, 0, 0, 0);
    }

    private static string? Name(uint token, int number)
    {
        if (Newest.TryGetValue(number, out string? newest)) return newest;
        if (token == SeccompArchitectures.X86_64 && number == 335) return "uretprobe";
        return LibSeccomp.Name(token, token == SeccompArchitectures.X32 ? number | (int)SeccompArchitectures.X32Bit : number);
    }

    /// <summary>Entries of x32 and of ARM that are no newer than others.</summary>
    private static bool Apart(uint token, int number) =>
        (token == SeccompArchitectures.X32 && number is >= 512 and <= 547) || (token == SeccompArchitectures.Arm && number is >= 0xF0000 and <= 0xFFFFF);

    /// <summary>Without the mark of x32.</summary>
    private static int Number(uint token, string name)
    {
        int known = LibSeccomp.Number(token, name);
        if (known >= 0 && token == SeccompArchitectures.X32) known &= ~(int)SeccompArchitectures.X32Bit;
        return known >= 0 ? known : Newest.FirstOrDefault(n => n.Value == name).Key;
    }
}
