using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Contain;

/// <summary>Mounts made by a process that lives for them alone, so that nothing of them ever shows on the host.</summary>
internal static unsafe partial class Birth
{
    /// <summary>Runs a plan in a mount namespace of its own; its last step sends a detached mount, which the caller closes.</summary>
    /// <exception cref="RuntimeFailureException">A step failed.</exception>
    public static int MakeTree(StepPlan plan, Setting setting)
    {
        int* pair = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC, 0, pair) != 0) throw LibC.Failure("socketpair()");
        int parent = pair[0], child = pair[1], pidfd = -1;
        try
        {
            var context = (ChildContext*)plan.Allocate(sizeof(ChildContext));
            *context = default;
            context->Channel = child;
            context->ParentChannel = parent;
            context->StepCount = plan.Count;
            context->Steps = plan.Freeze();
            pidfd = Clone(context, LibC.CLONE_NEWNS, -1).Pidfd;
            LibC.Close(ref child);
            int* packet = stackalloc int[3];
            int length = Receive(parent, packet, out int tree);
            if (length == 12 && (ChildPacket)packet[0] == ChildPacket.Tree && tree >= 0) return tree;
            if (length == 12 && (ChildPacket)packet[0] == ChildPacket.Failed) throw Failed(plan, packet[1], packet[2], setting);
            throw new RuntimeFailureException(RuntimeStages.Overlay, "The process that mounts the layers was killed.");
        }
        finally
        {
            LibC.Close(ref parent);
            LibC.Close(ref child);
            if (pidfd >= 0)
            {
                LibC.WaitForEnd(pidfd, -1);
                LibC.TryReap(pidfd);
                LibC.Close(ref pidfd);
            }
        }
    }
}
