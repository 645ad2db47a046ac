using System.Globalization;
using DockerPS.Engine.Containers;

namespace DockerPS.Engine.Checks;

/// <summary>The isolation features, each as a container that tries to see or do what it must not.</summary>
internal static class IsolationChecks
{
    /// <summary>What the scripts use; all of it is in the host's base system. Only unshare (util-linux) can be missing.</summary>
    public static string[] HostCommands =>
    [
        "sh", "cat", "ls", "readlink", "sleep", "dd", "date",
        .. Images.HostCommands.HostFiles.Has("unshare") ? ["unshare"] : (ReadOnlySpan<string>)[],
    ];

    private const string Namespaces = "for n in pid mnt net ipc uts cgroup; do echo $n=$(readlink /proc/self/ns/$n); done; cat /proc/self/status";

    /// <param name="shared">Directory of the host that holds a file <c>file</c>.</param>
    public static IReadOnlyList<IsolationCheck> All(string shared) =>
    [
        new("Run", "echo seen; exit 7", Same, r => (r is { ExitCode: 7 } && r.Output.Contains("seen"), $"ended with exit code {r.ExitCode}, 7 was asked for")),
        Namespace("PidNamespace", "pid"), Namespace("MountNamespace", "mnt"), Namespace("NetworkNamespace", "net"),
        Namespace("IpcNamespace", "ipc"), Namespace("UtsNamespace", "uts"), Namespace("CgroupNamespace", "cgroup"),
        new("FirstProcess", "echo pid=$$; echo seen=$(ls -d /proc/[0-9]* | wc -l 2>/dev/null); ls -d /proc/[0-9]*", Same,
            r => (r.Value("pid") == "1", $"the shell has process id {r.Value("pid")}")),
        new("LoopbackOnly", "cat /proc/net/dev", Same, r =>
        {
            string[] links = [.. r.Output.Split('\n').Where(l => l.Contains(':')).Select(l => l.Split(':')[0].Trim())];
            return (links is ["lo"], "network interfaces: " + string.Join(", ", links));
        }),
        new("HostFilesHidden", $"[ -e '{shared}/file' ] && echo open; ls -a /; exit 0", Same,
            r => (!r.Output.Contains("open"), r.Output.Contains("open") ? $"'{shared}' of the host can be seen" : "the host's files cannot be seen")),
        new("WritableLayer", "echo x > /written && cat /written", Same, r => (r.ExitCode == 0, r.ExitCode == 0 ? "can be written" : r.Output)),
        new("ReadOnlyRoot", "echo x > /written", s => s with { ReadOnly = true },
            r => (r.ExitCode != 0, r.ExitCode != 0 ? "a write to it was refused" : "could be written")),
        new("ReadOnlyBind", "cat /bound/file; echo x > /bound/file", s => s with { Mounts = [Bind(shared, readOnly: true)] },
            r => (r.ExitCode != 0 && r.Output.Contains("of the host"), r.ExitCode != 0 ? "can be read, and a write was refused" : "could be written")),
        new("Tmpfs", "cat /dev/zero > /small/file; exit 0", s => s with { Mounts = [new ContainerMount { Type = ContainerMountType.Tmpfs, Target = "/small", TmpfsSize = new ByteSize(1 << 20) }] },
            r => (r.Output.Contains("No space", StringComparison.OrdinalIgnoreCase), r.Output.Trim())),
        new("Capabilities", "cat /proc/self/status", Same, r =>
        {
            ulong bits = Bits(r.Value("CapBnd"));
            string[] dangerous = [.. Capabilities.OfHost(bits).Where(c => c is "CAP_SYS_ADMIN" or "CAP_SYS_MODULE" or "CAP_SYS_PTRACE" or "CAP_SYS_RAWIO"
                or "CAP_NET_ADMIN" or "CAP_NET_RAW" or "CAP_MKNOD" or "CAP_SYS_BOOT" or "CAP_DAC_READ_SEARCH" or "CAP_BPF")];
            return (bits != 0 && dangerous.Length == 0, dangerous.Length == 0 ? $"{Capabilities.OfHost(bits).Count} of the harmless ones" : "has " + string.Join(", ", dangerous));
        }),
        new("NoNewPrivileges", "cat /proc/self/status", s => s with { SecurityOptions = ["no-new-privileges"] },
            r => (r.Value("NoNewPrivs") == "1", $"NoNewPrivs is {r.Value("NoNewPrivs")}")),
        // Every process may make a user namespace, so that only a filter can refuse it.
        new("Seccomp", "cat /proc/self/status; unshare -U sh -c 'echo made=it'; exit 0", Same, r =>
        {
            bool active = r.Value("Seccomp") == "2", made = r.Value("made") == "it", refused = r.Output.Contains("not permitted", StringComparison.Ordinal);
            return (active && !made, !active ? "no filter is active; see (Get-ContainerEngine).Features for what is missing"
                : made ? "the filter let a user namespace be made"
                : refused ? "a filter is active, and unshare(CLONE_NEWUSER) was refused"
                : "a filter is active; without unshare (util-linux) on the host none of its refusals was tried");
        }),
        new("MaskedPaths", "for f in /proc/keys /proc/timer_list /proc/interrupts; do read -r line < $f 2>/dev/null && echo $f; done; ls /sys/firmware; echo end", Same,
            r => (r.Output.Trim() == "end", r.Output.Trim() == "end" ? "secrets of the kernel read as nothing" : "files of the kernel can be read")),
        new("ReadOnlyKernelSettings", "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm; do [ -w $f ] && echo writable $f; done; exit 0",
            Same, r => (!r.Output.Contains("writable"), r.Output.Contains("writable") ? r.Output.Trim() : "/proc/sys and /sys cannot be written")),
        new("Devices", "ls /dev; echo x > /dev/null && cat /dev/null", Same, r =>
        {
            string[] known = ["console", "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"];
            string[] others = [.. r.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(known)];
            return (r.ExitCode == 0 && others.Length == 0, others.Length == 0 ? "only the harmless ones" : "also " + string.Join(", ", others));
        }),
        new("NoLeakedDescriptors", "for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -gt 2 ] && echo $n=$(readlink $f); done; exit 0", Same, r =>
        {
            // A shell that reads a script from a file keeps that one; here it has it as an argument.
            string[] host = [.. r.Output.Split('\n').Where(l => l.Contains("=/", StringComparison.Ordinal))];
            return (host.Length == 0, host.Length == 0 ? "only its three streams" : string.Join(", ", host));
        }),
        new("User", "cat /proc/self/status", s => s with { User = "1234:4321" },
            r => (r.Value("Uid").StartsWith("1234\t1234", StringComparison.Ordinal) && r.Value("Gid").StartsWith("4321", StringComparison.Ordinal)
                && Bits(r.Value("CapEff")) == 0, $"uid {r.Value("Uid").Split('\t')[0]}, no capabilities")),
        new("Init", "echo pid=$$", s => s with { Init = true }, r => (r.Value("pid") is not ("" or "1"), $"the command has process id {r.Value("pid")}")),
        // Without a limit it takes no more than this, and a host with a fault survives the check. One process takes it all: where two
        // reach the limit at once (a pipe's pages count too), the kernel may kill a second one when the first has hardly gone.
        new("MemoryLimit", "dd if=/dev/zero of=/dev/null bs=300000000 count=1; echo code=$?", s => s with { Memory = 32L << 20, MemorySwap = 32L << 20 },
            r => !r.OomKilled ? (false, "a process took ten times the limit of 32 MiB")
                : r.Value("code") == "137" ? (true, "a process was killed at the limit of 32 MiB")
                : (false, $"the kernel killed at the limit of 32 MiB, but not the process that was over it; exit code {r.ExitCode}, output: {r.Output.Trim()}")),
        new("PidsLimit", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; echo all", s => s with { PidsLimit = 6 },
            r => (!r.Output.Contains("all\n"), r.Output.Contains("all\n") ? "more than 6 processes could be made" : "the seventh process was refused")),
        new("CpuLimit", "end=$(( $(date +%s) + 2 )); while [ $(date +%s) -lt $end ]; do i=0; while [ $i -lt 500 ]; do i=$((i+1)); done; done; times",
            s => s with { Cpus = 0.2m }, r => JudgeCpu(r.Output)),
    ];

    private static ContainerSpec Same(ContainerSpec spec) => spec;

    private static ContainerMount Bind(string source, bool readOnly) =>
        new() { Type = ContainerMountType.Bind, Source = source, Target = "/bound", ReadOnly = readOnly };

    private static IsolationCheck Namespace(string name, string kind) => new(name, Namespaces, Same, r =>
    {
        string inside = r.Value(kind);
        string host = File.ResolveLinkTarget("/proc/self/ns/" + kind, returnFinalTarget: false)?.Name ?? "";
        return (inside.Length > 0 && inside != host, inside == host ? "is the host's" : $"{inside}, the host's is {host}");
    });

    private static ulong Bits(string hex) =>
        ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits) ? bits : 0;

    /// <summary>The shell's <c>times</c>: two lines of <c>0m1.5s 0m0.2s</c>, its own and its children's.</summary>
    private static (bool Passed, string Detail) JudgeCpu(string output)
    {
        double used = 0;
        foreach (string time in output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            used += Duration.TryParse(time, out TimeSpan part) ? part.TotalSeconds : 0;
        return (used is > 0 and < 0.9, string.Create(CultureInfo.InvariantCulture, $"took {used:0.00} s of CPU in 2 s, with a limit of 0.2 CPUs"));
    }
}
