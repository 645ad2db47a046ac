namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Names of kernel parameters (sysctl(8)), and which of them belong to a namespace.</summary>
public static class SysctlName
{
    /// <summary>
    /// The file below /proc/sys. Both <c>net.ipv4.ip_forward</c> and <c>net/ipv4/ip_forward</c> are names; whichever of dot and
    /// slash comes first separates, and the other stands for itself: <c>net.ipv4.conf.eth0/100.forwarding</c> is of interface eth0.100.
    /// </summary>
    public static string Path(string name)
    {
        int separator = name.AsSpan().IndexOfAny('.', '/');
        if (separator < 0 || name[separator] == '/') return name;
        return string.Create(name.Length, name, (path, from) =>
        {
            for (int i = 0; i < path.Length; i++)
                path[i] = from[i] switch { '.' => '/', '/' => '.', var other => other };
        });
    }

    /// <summary>The type of namespace (<c>ipc network uts user pid</c>) that has a parameter for itself; null when all containers share it.</summary>
    /// <param name="path">See <see cref="Path"/>.</param>
    public static string? Namespace(string path) => path switch
    {
        "kernel/msgmax" or "kernel/msgmnb" or "kernel/msgmni" or "kernel/sem" or "kernel/shmall" or "kernel/shmmax" or "kernel/shmmni"
            or "kernel/shm_rmid_forced" or "kernel/msg_next_id" or "kernel/sem_next_id" or "kernel/shm_next_id" => "ipc",
        "kernel/hostname" or "kernel/domainname" => "uts",
        "kernel/ns_last_pid" => "pid",
        _ when path.StartsWith("fs/mqueue/", StringComparison.Ordinal) => "ipc",
        _ when path.StartsWith("net/", StringComparison.Ordinal) => "network",
        _ when path.StartsWith("user/", StringComparison.Ordinal) => "user",
        _ => null,
    };
}
