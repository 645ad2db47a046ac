using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Files that stand for namespaces: <c>/proc/PID/ns/net</c>, or a bind mount of one.</summary>
internal static class NamespaceFile
{
    /// <summary>Opens the file of linux.namespaces[].path, which must be of the kind that is said. Closed with the setting.</summary>
    public static int Open(Setting setting, RuntimeNamespace item)
    {
        string property = $"$.linux.namespaces[{setting.Linux.Namespaces!.IndexOf(item)}].path";
        // Not a block on what only looks like one, such as a named pipe.
        int descriptor = LibC.open(item.Path!, LibC.O_RDONLY | LibC.O_CLOEXEC | LibC.O_NONBLOCK, 0);
        if (descriptor < 0)
        {
            LinuxException failure = LibC.Failure($"open({item.Path})");
            throw new RuntimeFailureException(
                RuntimeStages.Namespaces, $"config.json: {property}: {failure.Message}", failure.Call, failure.Number);
        }

        setting.Descriptors.Add(descriptor);
        ulong type = LibC.NamespaceType(descriptor);
        if (type == Flag(item.Type)) return descriptor;
        throw new RuntimeFailureException(
            RuntimeStages.Namespaces,
            type == 0
                ? $"config.json: {property}: '{item.Path}' is no namespace"
                : $"config.json: {property}: '{item.Path}' is a {Name(type)} namespace, not a {item.Type} namespace");
    }

    /// <summary>Of user and time namespace, the flags of those in which a process is and this one is not.</summary>
    public static ulong Different(int pidfd)
    {
        string directory = $"/proc/{Birth.PidOf(pidfd)}/ns/";
        ulong flags = 0;
        if (!LibC.SameNamespace(directory + "user", "/proc/self/ns/user")) flags |= LibC.CLONE_NEWUSER;
        // Kernels before 5.6 have no time namespaces.
        if (File.Exists("/proc/self/ns/time") && !LibC.SameNamespace(directory + "time", "/proc/self/ns/time")) flags |= LibC.CLONE_NEWTIME;
        return flags;
    }

    /// <summary>The flags of those in which a process is and this one, too.</summary>
    public static ulong Shared(int pidfd)
    {
        string directory = $"/proc/{Birth.PidOf(pidfd)}/ns/";
        ulong flags = 0;
        foreach ((string file, string type) in (ReadOnlySpan<(string, string)>)
            [("mnt", "mount"), ("uts", "uts"), ("ipc", "ipc"), ("net", "network"), ("cgroup", "cgroup")])
        {
            if (LibC.SameNamespace(directory + file, "/proc/self/ns/" + file)) flags |= Flag(type);
        }

        return flags;
    }

    public static ulong Flag(string type) => type switch
    {
        "pid" => LibC.CLONE_NEWPID,
        "network" => LibC.CLONE_NEWNET,
        "mount" => LibC.CLONE_NEWNS,
        "ipc" => LibC.CLONE_NEWIPC,
        "uts" => LibC.CLONE_NEWUTS,
        "cgroup" => LibC.CLONE_NEWCGROUP,
        "user" => LibC.CLONE_NEWUSER,
        "time" => LibC.CLONE_NEWTIME,
        _ => throw Setting.Invalid($"linux.namespaces: '{type}' is no namespace"),
    };

    private static string Name(ulong type) => type switch
    {
        LibC.CLONE_NEWPID => "pid",
        LibC.CLONE_NEWNET => "network",
        LibC.CLONE_NEWNS => "mount",
        LibC.CLONE_NEWIPC => "ipc",
        LibC.CLONE_NEWUTS => "uts",
        LibC.CLONE_NEWCGROUP => "cgroup",
        LibC.CLONE_NEWUSER => "user",
        LibC.CLONE_NEWTIME => "time",
        _ => "foreign",
    };
}
