using System.Buffers.Text;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Steps;
using DockerPS.Runtime.Users;

namespace DockerPS.Runtime.Contain;

/// <summary>What the parent does for a child in another user namespace, with the rights that it has and the child has not.</summary>
internal static unsafe partial class Birth
{
    /// <summary>Writes the maps, and lets the child go on. Who asks may be another than was cloned, and is then the one that was born.</summary>
    private static void GiveMaps(int channel, ref Born born, int pidfd, bool needsMaps, Setting setting)
    {
        if (pidfd >= 0)
        {
            Born before = born;
            born = new Born(PidOf(pidfd), pidfd);
            LibC.WaitForEnd(before.Pidfd, -1);
            LibC.TryReap(before.Pidfd);
            _ = LibC.close(before.Pidfd);
        }

        if (needsMaps) setting.Maps!.Write(born.Pid);
        // As long as its files in /proc are those of a plain user who started it.
        Limits.SetOomScore(born.Pid, setting);
        LibC.TryWrite(channel, [1]);
    }

    /// <summary>Limits above the hard ones and a lower score need rights of the host, and a pipe of the host can only be given away by its owner.</summary>
    private static void ActFromOutside(Born born, Identity identity, Setting setting, ProcessStreams streams)
    {
        Limits.Set(born.Pid, setting);
        Limits.SetOomScore(born.Pid, setting);
        if (setting.Process.Terminal) return;
        uint? owner = setting.Maps is { } maps ? maps.Users.ToHost(identity.Uid) : HostId(born.Pid, identity.Uid);
        if (owner is { } uid) streams.GiveTo(uid);
    }

    /// <summary>The pid of a descriptor, as /proc numbers it.</summary>
    public static int PidOf(int pidfd)
    {
        ReadOnlySpan<byte> text = LibC.TryReadFile($"/proc/self/fdinfo/{pidfd}", 4096);
        int at = text.IndexOf("Pid:\t"u8);
        return at >= 0 && Utf8Parser.TryParse(text[(at + 5)..], out int pid, out _) && pid > 0
            ? pid
            : throw new RuntimeFailureException(RuntimeStages.Namespaces, "The container's first process is not to be seen in /proc.");
    }

    /// <summary>An id of a user namespace that was joined, as the host numbers it.</summary>
    private static uint? HostId(int pid, uint id)
    {
        string text = Encoding.ASCII.GetString(LibC.TryReadFile($"/proc/{pid}/uid_map") ?? []);
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3 || !uint.TryParse(fields[0], out uint inside) || !uint.TryParse(fields[1], out uint outside)
                || !uint.TryParse(fields[2], out uint size)) continue;
            if (id >= inside && id - inside < size) return outside + (id - inside);
        }

        return null;
    }
}
