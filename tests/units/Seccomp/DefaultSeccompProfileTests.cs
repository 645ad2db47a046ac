using System.Text;
using DockerPS.Linux.Seccomp;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Oci.Seccomp;
using Xunit;

namespace DockerPS.Units.Seccomp;

public class DefaultSeccompProfileTests
{
    /// <summary>Calls that neither profile names, and one that nobody has.</summary>
    private static readonly string[] Others =
        ["keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "userfaultfd", "io_uring_setup", "io_uring_enter", "nfsservctl",
         "pivot_root", "swapon", "swapoff", "uselib", "ustat", "sysfs", "vm86", "move_pages", "migrate_pages", "create_module", "fanotify_init",
         "set_mempolicy", "no_such_call"];

    [Theory]
    [InlineData("amd64")]
    [InlineData("arm64")]
    [InlineData("arm")]
    [InlineData("386")]
    [InlineData("s390x")]
    [InlineData("ppc64le")]
    [InlineData("riscv64")]
    public void Each_call_is_decided_as_in_Docker_s_profile_for_all_capabilities_kernels_and_arguments(string architecture)
    {
        var differences = new List<string>();
        int compared = 0;
        foreach (string[] capabilities in Reference.CapabilitySets)
        {
            foreach ((int major, int minor) in new[] { (4, 7), (4, 8), (6, 1) })
            {
                var host = new SeccompHost(architecture, major, minor);
                RuntimeSeccomp ours = DefaultSeccompProfile.For(capabilities, host), theirs = Reference.Profile.Resolve(capabilities, host);
                // Where Docker's file names none, the machine's own is filtered all the same.
                if (theirs.Architectures!.Count > 0) Assert.Equal(theirs.Architectures, ours.Architectures);
                else Assert.Equal(host.Architectures, ours.Architectures);
                HashSet<string> conditional = Conditional(ours, theirs);
                foreach (string name in Names(ours, theirs))
                {
                    foreach (ulong value in conditional.Contains(name) ? Reference.Arguments : [0])
                    {
                        foreach (ulong[] arguments in (ulong[][])[[value, value, 0, 0, 0, 0], [value, 0, 0, 0, 0, 0], [0, value, 0, 0, 0, 0]])
                        {
                            string our = Decisions.Of(ours, name, arguments), their = Decisions.Of(theirs, name, arguments);
                            compared++;
                            if (our != their) differences.Add($"{name}({value:x}) with [{string.Join(' ', capabilities)}]: {our}, not {their}");
                        }
                    }
                }
            }
        }

        Assert.Empty(differences);
        Assert.True(compared > 100_000, $"only {compared} decisions");
    }

    [Fact]
    public void Two_calls_that_the_profile_is_about_are_refused()
    {
        RuntimeSeccomp profile = DefaultSeccompProfile.For(Reference.Usual, new SeccompHost("amd64", 6, 1));
        Assert.Equal("SCMP_ACT_ERRNO(1)", Decisions.Of(profile, "mount"));
        Assert.Equal("SCMP_ACT_ERRNO(38)", Decisions.Of(profile, "clone3"));
        Assert.Equal("SCMP_ACT_ALLOW", Decisions.Of(profile, "read"));
    }

    [Fact]
    public void Its_revision_changes_with_its_tables()
    {
        // Filters are cached by it. When this fails the tables were changed: write the number that is expected into Revision.
        var text = new StringBuilder();
        foreach (string[] capabilities in Reference.CapabilitySets)
        {
            foreach (string architecture in new[] { "amd64", "arm64" })
            {
                foreach (RuntimeSeccompRule rule in DefaultSeccompProfile.For(capabilities, new SeccompHost(architecture, 6, 1)).Syscalls!)
                {
                    text.Append(string.Join(' ', rule.Names)).Append(rule.Action).Append(rule.ErrnoRet);
                    foreach (RuntimeSeccompArgument a in rule.Args ?? []) text.Append($" {a.Index} {a.Op} {a.Value} {a.ValueTwo}");
                    text.Append('\n');
                }
            }
        }

        Assert.Equal($"0x{Fingerprint.Of(Encoding.UTF8.GetBytes(text.ToString())):X16}", $"0x{DefaultSeccompProfile.Revision:X16}");
    }

    private static IEnumerable<string> Names(RuntimeSeccomp ours, RuntimeSeccomp theirs) =>
        ours.Syscalls!.Concat(theirs.Syscalls!).SelectMany(r => r.Names).Concat(Others).Concat(["mount", "clone3", "bpf", "reboot", "acct"]).Distinct();

    private static HashSet<string> Conditional(RuntimeSeccomp ours, RuntimeSeccomp theirs) =>
        [.. ours.Syscalls!.Concat(theirs.Syscalls!).Where(r => r.Args is not null).SelectMany(r => r.Names)];
}
