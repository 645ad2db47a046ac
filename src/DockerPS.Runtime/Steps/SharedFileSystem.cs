using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// sysfs and mqueue show the network or the ipc namespace of whoever mounts them, and mounting takes a right over that one. A container with
/// a user namespace of its own that shares such a namespace with the machine has no such right; the runtime has, and mounts for it.
/// </summary>
internal static unsafe class SharedFileSystem
{
    /// <summary>A detached mount for the child to attach; -1 where the child can mount for itself.</summary>
    public static int Open(Setting setting, string type, MountItem item)
    {
        string? shown = type switch { "sysfs" => "network", "mqueue" => "ipc", _ => null };
        if (shown is null || !setting.InUserNamespace || !setting.Privileged || setting.Find(shown) is not null) return -1;
        byte[] name = Encoding.ASCII.GetBytes(type + "\0");
        nint tree;
        fixed (byte* text = name)
        {
            nint context = Syscall.Invoke(Syscall.Fsopen, (nint)text, LibC.FSOPEN_CLOEXEC);
            tree = context;
            if (context >= 0) tree = Syscall.Invoke(Syscall.Fsconfig, context, LibC.FSCONFIG_CMD_CREATE);
            if (tree >= 0) tree = Syscall.Invoke(Syscall.Fsmount, context, LibC.FSMOUNT_CLOEXEC, (nint)item.Options.Set);
            if (context >= 0) _ = LibC.close((int)context);
        }

        if (tree < 0) throw RuntimeFailureException.From(RuntimeStages.Mounts, new LinuxException($"{item.Where}: fsmount({type})", (int)-tree));
        setting.Descriptors.Add((int)tree);
        return (int)tree;
    }
}
