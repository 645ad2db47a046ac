namespace DockerPS.Oci.Seccomp;

// System calls by subject. Names that only some processors or kernels have stand beside their siblings.
public static partial class DefaultSeccompProfile
{
    private static string[] Everybody =>
    [
        OpenFiles, FileContent, FileNames, FileFacts, FileAttributes, Waiting, Processes, Identity, Scheduling, Signals, Memory, Time, Timers,
        Sockets, InterProcess, Asynchronous, Confinement, Machine,
    ];

    private const string OpenFiles = """
        open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl pipe pipe2 name_to_handle_at
        """;

    private const string FileContent = """
        read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek readahead
        fadvise64 fadvise64_64 fallocate truncate truncate64 ftruncate ftruncate64
        sendfile sendfile64 copy_file_range splice tee vmsplice
        sync syncfs fsync fdatasync sync_file_range cachestat
        """;

    private const string FileNames = """
        chdir fchdir getcwd mkdir mkdirat rmdir mknod mknodat getdents getdents64
        link linkat symlink symlinkat unlink unlinkat rename renameat renameat2 readlink readlinkat
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
        """;

    private const string FileFacts = """
        access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx
        statfs statfs64 fstatfs fstatfs64 statmount listmount
        """;

    private const string FileAttributes = """
        chmod fchmod fchmodat fchmodat2 chown chown32 lchown lchown32 fchown fchown32 fchownat umask
        utime utimes futimesat utimensat utimensat_time64
        getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
        listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
        """;

    private const string Waiting = """
        select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
        eventfd eventfd2 pause
        """;

    private const string Processes = """
        fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid set_tid_address
        getpgid getpgrp setpgid getsid setsid prctl getrlimit ugetrlimit setrlimit prlimit64 getrusage
        pidfd_open pidfd_send_signal process_mrelease rseq restart_syscall get_thread_area set_thread_area
        get_robust_list set_robust_list
        """;

    private const string Identity = """
        getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
        setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32
        setfsuid setfsuid32 setfsgid setfsgid32 getgroups getgroups32 setgroups setgroups32 capget capset
        """;

    private const string Scheduling = """
        sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
        sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getcpu membarrier
        """;

    private const string Signals = """
        kill tkill tgkill sigaltstack sigprocmask sigreturn rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
        rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo signalfd signalfd4
        """;

    private const string Memory = """
        brk mmap mmap2 munmap mremap mprotect msync madvise mincore remap_file_pages mlock mlock2 mlockall munlock munlockall
        memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect map_shadow_stack mseal
        """;

    private const string Time = """
        time times gettimeofday adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
        clock_nanosleep clock_nanosleep_time64 nanosleep
        """;

    private const string Timers = """
        alarm getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
        timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
        """;

    /// <summary>All but making one, for which the family decides.</summary>
    private const string Sockets = """
        socketpair socketcall bind connect listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt
        send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
        """;

    private const string InterProcess = """
        futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue ipc
        msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
        mq_open mq_unlink mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
        """;

    private const string Asynchronous = """
        io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64
        """;

    /// <summary>With which a program gives up rights of its own.</summary>
    private const string Confinement = """
        seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
        """;

    private const string Machine = """
        uname sysinfo getrandom riscv_hwprobe uretprobe
        """;

    /// <summary>Of other processes of the same user; before Linux 4.8 a tracer could go round the filter (ptrace(2)).</summary>
    private const string Debugging = "ptrace process_vm_readv process_vm_writev";

    /// <summary>What programs of one processor cannot do without.</summary>
    private static string? ForProcessor(string architecture) => architecture switch
    {
        "amd64" => "arch_prctl modify_ldt",
        "x32" => "arch_prctl modify_ldt",
        "386" or "x86" => "modify_ldt",
        "arm" or "arm64" => "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls",
        "ppc64le" => "sync_file_range2 swapcontext",
        "s390" or "s390x" => "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr",
        "riscv64" => "riscv_flush_icache",
        _ => null,
    };

    private static (string Capability, string Names)[] Privileged =>
    [
        (Admin, """
            mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick quotactl quotactl_fd
            clone clone3 unshare setns sethostname setdomainname bpf perf_event_open syslog fanotify_init lookup_dcookie
            lsm_get_self_attr lsm_set_self_attr lsm_list_modules
            """),
        ("CAP_BPF", "bpf"),
        ("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
        ("CAP_PERFMON", "perf_event_open"),
        ("CAP_SYSLOG", "syslog"),
        ("CAP_SYS_BOOT", "reboot"),
        ("CAP_SYS_CHROOT", "chroot"),
        ("CAP_SYS_MODULE", "init_module finit_module delete_module"),
        ("CAP_SYS_NICE", "get_mempolicy set_mempolicy set_mempolicy_home_node mbind"),
        ("CAP_SYS_PACCT", "acct"),
        ("CAP_SYS_PTRACE", "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd"),
        ("CAP_SYS_RAWIO", "ioperm iopl"),
        ("CAP_SYS_TIME", "settimeofday stime clock_settime clock_settime64"),
        ("CAP_SYS_TTY_CONFIG", "vhangup"),
    ];
}
