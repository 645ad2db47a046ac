using System.Globalization;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Contain;

/// <summary>The maps of users and groups of a user namespace, and how they get into the kernel.</summary>
internal sealed class IdMaps
{
    private readonly bool _direct;

    public IdMaps(IdMap users, IdMap groups)
    {
        Users = users;
        Groups = groups;
        bool privileged = Capabilities.Has("CAP_SETUID") && Capabilities.Has("CAP_SETGID");
        _direct = privileged || (IsOwn(users, LibC.geteuid()) && IsOwn(groups, LibC.getegid()));
        DeniesGroups = !privileged && _direct;
    }

    public IdMap Users { get; }

    public IdMap Groups { get; }

    /// <summary>Nobody in the namespace may set groups: the kernel's price for a map that a plain user wrote.</summary>
    public bool DeniesGroups { get; }

    public static IdMaps From(RuntimeLinux linux) =>
        new(new IdMap("linux.uidMappings", linux.UidMappings), new IdMap("linux.gidMappings", linux.GidMappings));

    /// <summary>Same ranges, so that one namespace serves for both.</summary>
    public bool SameAs(IdMaps other) => Users.Text().AsSpan().SequenceEqual(other.Users.Text()) && Groups.Text().AsSpan().SequenceEqual(other.Groups.Text());

    /// <summary>Gives the maps to the new user namespace of a child of this process that waits.</summary>
    public void Write(int pid)
    {
        if (DeniesGroups) WriteFile($"/proc/{pid}/setgroups", "deny"u8, "linux.gidMappings");
        Write(pid, "uid_map", "newuidmap", Users);
        Write(pid, "gid_map", "newgidmap", Groups);
    }

    private void Write(int pid, string file, string program, IdMap map)
    {
        if (_direct)
        {
            WriteFile($"/proc/{pid}/{file}", map.Text(), map.Property);
            return;
        }

        var arguments = new List<string> { program, pid.ToString(CultureInfo.InvariantCulture) };
        foreach (RuntimeIdMapping range in map.Ranges)
        {
            arguments.Add(range.ContainerId.ToString(CultureInfo.InvariantCulture));
            arguments.Add(range.HostId.ToString(CultureInfo.InvariantCulture));
            arguments.Add(range.Size.ToString(CultureInfo.InvariantCulture));
        }

        int code = LibC.RunProgram(program, arguments);
        if (code == 0) return;
        throw new RuntimeFailureException(
            RuntimeStages.Namespaces,
            code == 127
                ? $"{map.Property} asks for more than the user's own id, which needs {program}. Install it (Debian: uidmap), or map one id."
                : $"{program} refused {map.Property}. The user's ranges are in /etc/sub{file[..3]}.",
            program);
    }

    private static bool IsOwn(IdMap map, uint id) => map.Ranges is [{ Size: 1 } only] && only.HostId == id;

    private static void WriteFile(string path, ReadOnlySpan<byte> text, string property)
    {
        int file = LibC.Open(path, LibC.O_WRONLY);
        int result = LibC.TryWrite(file, text);
        LibC.Close(ref file);
        if (result >= 0) return;
        LinuxException failure = new($"write({path})", -result);
        throw new RuntimeFailureException(
            RuntimeStages.Namespaces, $"The kernel refused {property}: {failure.Message}", failure.Call, failure.Number);
    }
}
