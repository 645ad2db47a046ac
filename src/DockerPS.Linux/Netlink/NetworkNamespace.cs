namespace DockerPS.Linux.Netlink;

/// <summary>Sockets belong to the network namespace of the thread that opens them.</summary>
public static class NetworkNamespace
{
    /// <summary>Opens something in another namespace. The calling thread is there for a moment.</summary>
    /// <param name="networkNamespace">Descriptor of it.</param>
    /// <param name="open">What to open.</param>
    public static T Open<T>(int networkNamespace, Func<T> open)
    {
        int own = LibC.Open("/proc/thread-self/ns/net", LibC.O_RDONLY);
        try
        {
            if (LibC.setns(networkNamespace, (int)LibC.CLONE_NEWNET) != 0) throw LibC.Failure("setns(network)");
            try
            {
                return open();
            }
            finally
            {
                if (LibC.setns(own, (int)LibC.CLONE_NEWNET) != 0) Environment.FailFast("The network namespace was left for good.");
            }
        }
        finally
        {
            LibC.Close(ref own);
        }
    }
}
