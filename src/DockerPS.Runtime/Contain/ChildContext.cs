namespace DockerPS.Runtime.Contain;

/// <summary>Everything the child has besides its steps, in native memory.</summary>
internal unsafe struct ChildContext
{
    public Step* Steps;
    public int StepCount;

    /// <summary>Sequenced-packet socket to the parent: requests and failures out, the identity in. Closed by execve, which means success.</summary>
    public int Channel;

    /// <summary>The parent's end, which the child has a copy of: without it an answer would be awaited forever after the parent was killed.</summary>
    public int ParentChannel;

    public int RootFd;
    public int StdIn;
    public int StdOut;
    public int StdErr;
    public bool Terminal;
    public int TerminalFd;

    /// <summary>Bit n: standard descriptor n is a pipe of ours, which the user may open again by /dev/stdout.</summary>
    public int OwnedPipes;

    /// <summary>The process is in a user namespace that may not be allowed to set groups.</summary>
    public bool GroupsMayBeDenied;

    /// <summary>How many descriptors from 3 on the program inherits.</summary>
    public int KeptDescriptors;

    /// <summary>Stay in the session keyring of the caller.</summary>
    public bool KeepKeyring;

    /// <summary>The channel is that of whoever started the created container; steps are told by their kind.</summary>
    public bool AwaitedStart;

    public uint Uid;
    public uint Gid;
    public int GroupCount;
    public uint* Groups;

    /// <summary>Where envp has room for HOME; null when it is set.</summary>
    public byte** HomeSlot;
    public byte* Home;

    /// <summary>This process's own command line in memory, which the reaper overwrites.</summary>
    public byte* CommandLine;
    public int CommandLineLength;

    /// <summary>Root may not enter the working directory.</summary>
    public bool DirectoryDenied;

    /// <summary>A mount that an earlier step kept, and further ones go below.</summary>
    public int TreeFd;

    public byte** Arguments;
    public byte** Environment;
    public byte** Candidates;
}

/// <summary>Kinds of packet that the child sends; packets are three 32-bit numbers: kind, step, errno.</summary>
internal enum ChildPacket
{
    Failed = 1,
    WantsIdentity = 2,

    /// <summary>Carries the master side of the terminal as a descriptor.</summary>
    Terminal = 3,

    /// <summary>
    /// A filter with a listener is about to be loaded; carries the file of the page through which its descriptor is told
    /// (<see cref="Seccomp.SeccompListener"/>). One byte lets it go on.
    /// </summary>
    Listener = 9,

    /// <summary>In the namespaces, and waiting: for the maps of the user namespace when the second number is 1. Carries a pidfd when the sender
    /// is no longer the process that was cloned. One byte lets it go on.</summary>
    WantsMaps = 6,

    /// <summary>Carries a detached mount as a descriptor.</summary>
    Tree = 7,

    /// <summary>The file system stands and is not yet the root; one byte lets it go on.</summary>
    Waiting = 4,

    /// <summary>All is done but the start.</summary>
    Created = 5,
}

/// <summary>Sizes that child and parent agree on.</summary>
internal static class ChildLimits
{
    public const int Groups = 256;
    public const int Home = 1024;

    /// <summary>uid, gid, number of groups, length of home; then groups and home.</summary>
    public const int IdentityHeader = 16;

    public const int IdentityPacket = IdentityHeader + (Groups * 4) + Home;
}
