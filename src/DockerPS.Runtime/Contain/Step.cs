namespace DockerPS.Runtime.Contain;

/// <summary>What the child between clone3 and execve can do. Each is applied by <see cref="StepRunner"/> without allocating.</summary>
internal enum StepKind : byte
{
    /// <summary>Write "0" to a cgroup's tasks file (Fd): moves only the caller, without the kernel's lock over all threads.</summary>
    JoinCgroup,

    /// <summary>unshare(Flags).</summary>
    Unshare,

    /// <summary>setns(Fd, Flags). Value 1: a refusal is left to a later step. Value 2: that step, for the one of number Clear.</summary>
    JoinNamespaces,

    /// <summary>clone3 with Flags a sibling, which goes on with the next step in place of this process.</summary>
    Fork,

    /// <summary>Say that the process is in its namespaces, with a pidfd when it was forked (Value 1), and that the user namespace wants
    /// its maps (Flags 1); wait for the answer.</summary>
    AwaitMaps,

    /// <summary>Make a time namespace, give it the offsets Data (Value bytes), enter it. Fd is the host's /proc.</summary>
    EnterTime,

    /// <summary>Become user Value and group Extra of the user namespace, without further groups. Flags bit 0: groups may be denied;
    /// bit 1: the ids may have no mapping.</summary>
    BecomeRoot,

    /// <summary>mount(Source, Path, Type, Flags, Data) with paths of the host.</summary>
    Mount,

    /// <summary>chdir(Path), a directory of the host.</summary>
    EnterDirectory,

    /// <summary>Open Path again as descriptor Fd: overlay takes only directories as the child's own mount namespace has them.</summary>
    ReopenDirectory,

    /// <summary>Attach the detached mount Fd over "/", and take it as the root of all later paths.</summary>
    AttachRoot,

    /// <summary>Attach the detached mount Fd over Path, a directory of the host.</summary>
    AttachOver,

    /// <summary>setfsuid(Value), setfsgid(Extra), with all capabilities kept.</summary>
    FileSystemIds,

    /// <summary>Send a detached clone of what is mounted at Path to the parent, and end; with Value 1 at Path below the root.</summary>
    SendTree,

    /// <summary>Open Path as the root of all later paths, or with Value 1 a detached, private clone of what is mounted there.</summary>
    OpenRoot,

    /// <summary>mount(Source, Path, Type, Flags, Data) with Path below the root, made when missing; Value of <see cref="MountTraits"/>.</summary>
    MountAt,

    /// <summary>A new file system of Type from Source with Data as options, made detached and then put on Path below the root with
    /// attributes and propagation; Value of <see cref="MountTraits"/>.</summary>
    FileSystemAt,

    /// <summary>Bind Source (host) or the tree Fd on Path below the root, made when missing, with attributes and propagation; Value
    /// of <see cref="MountTraits"/>.</summary>
    BindAt,

    /// <summary>Remount Path below the root, in place, with attributes (a clone of the tree mounted over it). Missing is fine.</summary>
    ProtectAt,

    /// <summary>Set attributes and propagation of the mount that Path below the root is.</summary>
    AttributesAt,

    /// <summary>Hide Path below the root: /dev/null over a file, an empty read-only tmpfs (options Data) over a directory. Missing is fine.</summary>
    MaskAt,

    /// <summary>mknod(Path below the root, Flags = mode with type, Value = device). One that exists stays.</summary>
    DeviceAt,

    /// <summary>symlink(Source, Path below the root). One that exists stays.</summary>
    SymlinkAt,

    /// <summary>mkdir -p Path below the root.</summary>
    DirectoryAt,

    /// <summary>Write Data (Value bytes) to Path of the host's mounts, which must be on procfs.</summary>
    WriteFile,

    /// <summary>Open a pseudo terminal in the root's devpts, send its master to the supervisor, bind it on /dev/console.</summary>
    Terminal,

    /// <summary>Say that the file system stands, and wait while the parent runs hooks.</summary>
    AwaitHooks,

    /// <summary>Look whether a candidate of the program is there and may be executed.</summary>
    FindProgram,

    /// <summary>Say that the container is created, and wait on the listening socket Fd for whoever starts it.</summary>
    AwaitStart,

    /// <summary>Make the root "/", and drop all else (pivot_root(2)).</summary>
    PivotRoot,

    /// <summary>Make the root, or the directory Fd, "/" by chroot(2); Value 1: move it over "/" before, and take the mounts of Data off.</summary>
    ChangeRoot,

    SetHostname,

    SetDomainname,

    /// <summary>Set the loopback interface up.</summary>
    LoopbackUp,

    /// <summary>prlimit(Flags = resource, Value = soft, Extra = hard).</summary>
    Rlimit,

    /// <summary>Any processor that the cpuset allows.</summary>
    ResetCpus,

    /// <summary>sched_setaffinity(Data, Value bytes).</summary>
    Cpus,

    /// <summary>sched_setattr(Data).</summary>
    Scheduler,

    /// <summary>ioprio_set(Value).</summary>
    IoPriority,

    /// <summary>set_mempolicy(Flags, Data, Value bits).</summary>
    MemoryPolicy,

    /// <summary>personality(Flags).</summary>
    Personality,

    /// <summary>Mount attributes (Flags) and Propagation of "/" itself, after the pivot; it becomes a peer of the mount Fd, if any.</summary>
    RootAttributes,

    /// <summary>Say that the file system stands, and learn who to be (uid, gid, groups, home).</summary>
    LearnIdentity,

    /// <summary>New session, controlling terminal, standard descriptors.</summary>
    StandardStreams,

    /// <summary>Close descriptors from Value on, but those that are still needed.</summary>
    CloseDescriptors,

    /// <summary>Drop from the bounding set what is not in Flags.</summary>
    BoundingSet,

    /// <summary>Become the identity.</summary>
    BecomeUser,

    /// <summary>capset with effective (Flags), permitted (Value), inheritable (Extra), and the ambient set (Data as number).</summary>
    CapabilitySets,

    NoNewPrivileges,

    /// <summary>chdir(Path), made when missing (Value 1), or as the user where root may not (Value 2); refuses one outside the root.</summary>
    WorkingDirectory,

    Umask,

    /// <summary>Reset signals, and mark all descriptors but the standard ones close-on-exec: what execve needs, while nothing is filtered.</summary>
    PrepareExecution,

    /// <summary>Send the memory file Fd to the parent, and wait until it is ready for a listener's descriptor.</summary>
    AnnounceListener,

    /// <summary>seccomp(SECCOMP_SET_MODE_FILTER, Flags, Data = struct sock_fprog). Source is the page shared with the parent when there is a listener.</summary>
    LoadFilter,

    /// <summary>Become PID 1's reaper, and go on in a child.</summary>
    Reaper,

    /// <summary>execve the first candidate that can be.</summary>
    Execute,
}

/// <summary>One step as plain data in native memory; strings end in a zero byte.</summary>
internal unsafe struct Step
{
    public StepKind Kind;
    public int Fd;
    public byte* Path;
    public byte* Source;
    public byte* Type;
    public byte* Data;
    public ulong Flags;
    public ulong Clear;
    public ulong RecursiveSet;
    public ulong RecursiveClear;

    /// <summary>As <see cref="Steps.MountOptions.Propagation"/>.</summary>
    public ulong Propagation;
    public ulong Value;
    public ulong Extra;
}
