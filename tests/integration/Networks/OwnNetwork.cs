using System.Runtime.ExceptionServices;
using DockerPS.Linux;
using Xunit;

namespace DockerPS.Integration.Networks;

/// <summary>Runs code on a thread in a network namespace of its own, which ends with the thread: interfaces, rules and all.</summary>
internal static class OwnNetwork
{
    public static void Run(Action action)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "SKIPPED: network namespaces need Linux and root.");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Syscall.Invoke(Syscall.Unshare, (nint)LibC.CLONE_NEWNET) != 0) throw new InvalidOperationException("unshare(network) failed");
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Descriptor of a new namespace that nobody is in; it lives as long as the descriptor.</summary>
    public static int Another()
    {
        int descriptor = -1;
        var thread = new Thread(() =>
        {
            if (Syscall.Invoke(Syscall.Unshare, (nint)LibC.CLONE_NEWNET) == 0) descriptor = LibC.Open("/proc/thread-self/ns/net", LibC.O_RDONLY);
        });
        thread.Start();
        thread.Join();
        return descriptor;
    }
}
