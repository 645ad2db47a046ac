using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Seccomp;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Users;

namespace DockerPS.Runtime.Contain;

/// <summary>A process that was born: it executes its program.</summary>
internal readonly record struct Born(int Pid, int Pidfd);

/// <summary>clone3, and the conversation with the child until it executes or says which step failed.</summary>
internal static unsafe partial class Birth
{
    /// <summary>Runs the plan in a new process.</summary>
    /// <param name="plan">Its steps.</param>
    /// <param name="setting">What they were planned from.</param>
    /// <param name="streams">Its standard streams; with a terminal they are replaced by its master.</param>
    /// <param name="cloneFlags">Namespaces that clone3 makes.</param>
    /// <param name="pidNamespace">Pid namespace to be born in, or -1.</param>
    /// <param name="cgroup">Cgroup (v2) to be born in, or -1.</param>
    /// <exception cref="RuntimeFailureException">A step failed; the child is gone.</exception>
    public static Born Run(
        StepPlan plan, Setting setting, ProcessStreams streams, ulong cloneFlags, int pidNamespace = -1, int cgroup = -1)
    {
        int* pair = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC, 0, pair) != 0) throw LibC.Failure("socketpair()");
        int parent = pair[0], child = pair[1];
        try
        {
            ChildContext* context = Prepare(plan, setting, streams, child, parent);
            Born born = Clone(context, cloneFlags, plan.Forks ? -1 : pidNamespace, cgroup);
            LibC.Close(ref child);
            streams.CloseChildEnds();
            try
            {
                bool connected = (cloneFlags & LibC.CLONE_NEWNET) != 0;
                if (connected) ConnectNetworks(parent, born, plan, setting);
                Converse(parent, ref born, plan, setting, streams, connected);
                return born;
            }
            catch
            {
                LibC.SendSignal(born.Pidfd, LibC.SIGKILL);
                LibC.WaitForEnd(born.Pidfd, -1);
                LibC.TryReap(born.Pidfd);
                _ = LibC.close(born.Pidfd);
                throw;
            }
        }
        finally
        {
            LibC.Close(ref parent);
            LibC.Close(ref child);
            foreach (int descriptor in setting.Descriptors) _ = LibC.close(descriptor);
            setting.Descriptors.Clear();
        }
    }

    /// <summary>A child that fails meanwhile is gone, so that it cannot be connected: what it says is told, and not that.</summary>
    private static void ConnectNetworks(int channel, Born born, StepPlan plan, Setting setting)
    {
        try
        {
            setting.ConnectNetworks?.Invoke(born);
        }
        catch (Exception) when (FailureOf(channel, plan, setting) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Null when the child has said nothing of a failure until now.</summary>
    private static RuntimeFailureException? FailureOf(int channel, StepPlan plan, Setting setting)
    {
        const int DoNotWait = 0x40;
        int* packet = stackalloc int[3];
        while (Receive(channel, packet, out int descriptor, DoNotWait) == 12)
        {
            LibC.Close(ref descriptor);
            if (packet[0] == (int)ChildPacket.Failed) return Failed(plan, packet[1], packet[2], setting);
        }

        return null;
    }

    private static ChildContext* Prepare(StepPlan plan, Setting setting, ProcessStreams streams, int channel, int parentChannel)
    {
        List<string> environment = setting.Process.Env ?? [];
        List<string> arguments = setting.Process.Args ?? [];
        bool needsHome = !environment.Exists(e => e.StartsWith("HOME=", StringComparison.Ordinal));
        var context = (ChildContext*)plan.Allocate(sizeof(ChildContext));
        *context = default;
        context->Channel = channel;
        context->ParentChannel = parentChannel;
        (context->StdIn, context->StdOut, context->StdErr) = streams.Child;
        context->OwnedPipes = streams.OwnedPipes;
        context->KeptDescriptors = setting.KeptDescriptors;
        context->KeepKeyring = setting.KeepKeyring;
        context->Terminal = setting.Process.Terminal;
        context->GroupsMayBeDenied = setting.InUserNamespace;
        if (context->Terminal) context->OwnedPipes = 0;
        context->Groups = (uint*)plan.Allocate(ChildLimits.Groups * sizeof(uint));
        context->Arguments = plan.Texts(arguments);
        context->Environment = plan.Texts(environment, room: 1);
        if (needsHome)
        {
            context->HomeSlot = context->Environment + environment.Count;
            context->Home = plan.Allocate(5 + ChildLimits.Home + 1);
            "HOME="u8.CopyTo(new Span<byte>(context->Home, 5));
        }

        (nint commandLine, context->CommandLineLength) = ProcStat.CommandLine();
        context->CommandLine = (byte*)commandLine;
        context->Candidates = plan.Texts(Execution.Candidates(setting.Program ?? arguments[0], environment));
        context->StepCount = plan.Count;
        context->Steps = plan.Freeze();
        return context;
    }

    /// <summary>Children are born in the pid namespace of their parent's choice, which is taken back afterwards.</summary>
    private static Born Clone(ChildContext* context, ulong flags, int pidNamespace, int cgroup)
    {
        if (pidNamespace < 0) return Clone(context, flags, cgroup);
        int own = LibC.Open("/proc/self/ns/pid", LibC.O_RDONLY);
        try
        {
            if (LibC.setns(pidNamespace, (int)LibC.CLONE_NEWPID) != 0)
                throw RuntimeFailureException.From(RuntimeStages.Namespaces, LibC.Failure("setns(pid)"));
            // Those who live there see the child at once, and may neither trace it nor look at its files before it executes.
            _ = LibC.prctl(LibC.PR_SET_DUMPABLE, 0, 0, 0, 0);
            Born born = Clone(context, flags, cgroup);
            _ = LibC.setns(own, (int)LibC.CLONE_NEWPID);
            return born;
        }
        finally
        {
            _ = LibC.prctl(LibC.PR_SET_DUMPABLE, 1, 0, 0, 0);
            LibC.Close(ref own);
        }
    }

    private static Born Clone(ChildContext* context, ulong flags, int cgroup)
    {
        int pidfd = -1;
        LibC.CloneArguments arguments = new()
        {
            flags = flags | LibC.CLONE_PIDFD | (cgroup >= 0 ? LibC.CLONE_INTO_CGROUP : 0),
            pidfd = (ulong)&pidfd,
            exit_signal = LibC.SIGCHLD,
            cgroup = cgroup >= 0 ? (ulong)cgroup : 0,
        };
        // Signals wait until the child has reset their handlers; it unblocks them at the very end.
        ulong all = ulong.MaxValue, before = 0;
        Syscall.Invoke(Syscall.RtSigprocmask, 2 /* SIG_SETMASK */, (nint)(&all), (nint)(&before), 8);
        nint pid = Syscall.Invoke(Syscall.Clone3, (nint)(&arguments), sizeof(LibC.CloneArguments));
        if (pid == 0) StepRunner.Run(context);
        Syscall.Invoke(Syscall.RtSigprocmask, 2, (nint)(&before), 0, 8);
        if (pid < 0)
            throw RuntimeFailureException.From(RuntimeStages.Namespaces, new LinuxException("clone3(namespaces)", (int)-pid));
        return new Born((int)pid, pidfd);
    }

    private static void Converse(int channel, ref Born born, StepPlan plan, Setting setting, ProcessStreams streams, bool connected)
    {
        int* packet = stackalloc int[3];
        while (true)
        {
            int length = Receive(channel, packet, out int descriptor);
            if (length == 0) return;
            if (length < 12) throw new RuntimeFailureException(RuntimeStages.Exec, "The container's first process spoke nonsense.");
            switch ((ChildPacket)packet[0])
            {
                case ChildPacket.Terminal:
                    streams.UseTerminal(descriptor);
                    break;
                case ChildPacket.WantsMaps:
                    GiveMaps(channel, ref born, descriptor, packet[1] == 1, setting);
                    break;
                case ChildPacket.Listener:
                    SeccompListener.Serve(
                        channel, descriptor, born.Pid, born.Pidfd, setting.Config.Linux!.Seccomp!.Value, SeccompListener.State(setting, born.Pid));
                    break;
                case ChildPacket.WantsIdentity:
                    // It has the namespace now, however it came by it.
                    if (!connected) setting.ConnectNetworks?.Invoke(born);
                    connected = true;
                    Identity identity = FindIdentity(born.Pid, setting);
                    if (setting.InUserNamespace) ActFromOutside(born, identity, setting, streams);
                    SendIdentity(channel, identity);
                    break;
                case ChildPacket.Waiting:
                    setting.BeforePivot!(born);
                    LibC.TryWrite(channel, [1]);
                    break;
                case ChildPacket.Created:
                    return;
                default:
                    throw Failed(plan, packet[1], packet[2], setting);
            }
        }
    }

    public static int Receive(int channel, int* packet, out int descriptor, int flags = 0)
    {
        nint* vector = stackalloc nint[2];
        vector[0] = (nint)packet;
        vector[1] = 12;
        byte* control = stackalloc byte[24];
        new Span<byte>(control, 24).Clear();
        LibC.MessageHeader header = new() { Vectors = (nint)vector, VectorCount = 1, Control = (nint)control, ControlLength = 24 };
        while (true)
        {
            nint length = LibC.recvmsg(channel, &header, 0x40000000 /* MSG_CMSG_CLOEXEC */ | flags);
            if (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR) continue;
            descriptor = header.ControlLength >= 20 ? *(int*)(control + 16) : -1;
            return (int)Math.Max(length, 0);
        }
    }

    private static Identity FindIdentity(int pid, Setting setting)
    {
        int root = LibC.Open($"/proc/{pid}/root", LibC.O_PATH | LibC.O_DIRECTORY);
        try
        {
            if (setting.Surroundings?.User is { } user) return UserLookup.Find(root, user, setting.Surroundings.GroupAdd);
            return new Identity(
                setting.Process.User.Uid,
                setting.Process.User.Gid,
                setting.Process.User.AdditionalGids ?? [],
                UserLookup.Home(root, setting.Process.User.Uid));
        }
        finally
        {
            LibC.Close(ref root);
        }
    }

    private static void SendIdentity(int channel, Identity identity)
    {
        if (identity.Groups.Count > ChildLimits.Groups)
            throw new RuntimeFailureException(RuntimeStages.User, $"A process can have {ChildLimits.Groups} additional groups at most.");
        byte[] home = Encoding.UTF8.GetBytes(identity.Home);
        if (home.Length > ChildLimits.Home) home = "/"u8.ToArray();
        var packet = new byte[ChildLimits.IdentityHeader + (identity.Groups.Count * 4) + home.Length];
        Span<uint> numbers = MemoryMarshal.Cast<byte, uint>(packet.AsSpan(0, packet.Length - home.Length));
        numbers[0] = identity.Uid;
        numbers[1] = identity.Gid;
        numbers[2] = (uint)identity.Groups.Count;
        numbers[3] = (uint)home.Length;
        for (int i = 0; i < identity.Groups.Count; i++) numbers[4 + i] = identity.Groups[i];
        home.CopyTo(packet, packet.Length - home.Length);
        LibC.TryWrite(channel, packet);
    }

    private static RuntimeFailureException Failed(StepPlan plan, int step, int errno, Setting setting)
    {
        (string stage, string call) = plan.Describe(step);
        return Failed(stage, call, errno, setting.Process.Args![0]);
    }

    /// <summary>A step's failure in words; the exit code as Docker's.</summary>
    /// <param name="stage">Of <see cref="RuntimeStages"/>.</param>
    /// <param name="call">The system call as text.</param>
    /// <param name="errno">What it said.</param>
    /// <param name="command">The program that was to be executed.</param>
    public static RuntimeFailureException Failed(string stage, string call, int errno, string command)
    {
        return stage != RuntimeStages.Exec
            ? RuntimeFailureException.From(stage, new LinuxException(call, errno))
            : errno switch
            {
                Errno.ENOENT or Errno.ENOTDIR => new RuntimeFailureException(
                    stage, $"'{command}' is not in the container. Name a program that is there, with its path or in PATH.", call, errno, 127),
                Errno.EACCES => new RuntimeFailureException(
                    stage, $"'{command}' may not be executed: it is a directory or lacks the execute permission.", call, errno, 126),
                Errno.ENOEXEC => new RuntimeFailureException(
                    stage, $"'{command}' cannot be executed: it is no program of this machine's architecture, and a script needs a #! line.",
                    call, errno, 126),
                _ => new RuntimeFailureException(stage, new LinuxException(call, errno).Message, call, errno, 126),
            };
    }
}
