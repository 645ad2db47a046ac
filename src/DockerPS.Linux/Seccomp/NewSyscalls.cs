namespace DockerPS.Linux.Seccomp;

/// <summary>
/// System calls that a distribution's libseccomp may not know yet, by number. Since Linux 5.1 a new call has the same number on
/// (nearly) all processors (Documentation/process/adding-syscalls.rst).
/// </summary>
internal static class NewSyscalls
{
    private const int First = 434;

    /// <summary>Numbers from <see cref="First"/> on.</summary>
    private const string Names =
        "pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd "
        + "landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node "
        + "cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr "
        + "lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr";

    /// <summary>The number on one architecture, with x32's bit; -1 when it is unknown or not there.</summary>
    public static int Number(string name, uint architecture)
    {
        if (SeccompArchitectures.NumbersDiffer(architecture)) return -1;
        int number = (name, architecture) switch
        {
            // Entry points of the kernel's own trampolines, on x86-64 alone.
            ("uretprobe", SeccompArchitectures.X86_64) => 335,
            ("uprobe", SeccompArchitectures.X86_64) => 336,
            _ => Position(name),
        };
        return number >= 0 && architecture == SeccompArchitectures.X32 ? number | (int)SeccompArchitectures.X32Bit : number;
    }

    /// <summary>Whether the name is known for some architecture.</summary>
    public static bool Has(string name) => name is "uretprobe" or "uprobe" || Position(name) >= 0;

    private static int Position(string name)
    {
        int number = First;
        foreach (Range range in Names.AsSpan().Split(' '))
        {
            if (Names.AsSpan(range).SequenceEqual(name)) return number;
            number++;
        }

        return -1;
    }
}
