using System.Buffers;
using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>What this runtime knows, whether or not the machine it runs on has it (features.md and features-linux.md).</summary>
public static class RuntimeFeatures
{
    private static ReadOnlySpan<string> MountOptions => new[]
    {
        "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "idmap", "iversion", "lazytime", "loud", "mand",
        "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "nomand", "norelatime", "nostrictatime", "nosuid",
        "nosymfollow", "private", "ratime", "rbind", "rdev", "rdiratime", "relatime", "remount", "rexec", "ridmap", "rnoatime", "rnodev",
        "rnodiratime", "rnoexec", "rnorelatime", "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime", "rro", "rrw",
        "rshared", "rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable", "rw", "shared", "silent", "slave", "strictatime", "suid",
        "symfollow", "sync", "tmpcopyup", "unbindable",
    };

    /// <summary>The Features structure as JSON.</summary>
    /// <param name="version">Version of the runtime.</param>
    public static ReadOnlyMemory<byte> ToJson(string version)
    {
        var buffer = new ArrayBufferWriter<byte>(8192);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("ociVersionMin", OciVersion.Oldest);
        writer.WriteString("ociVersionMax", OciVersion.Current);
        Write(writer, "hooks", ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]);
        Write(writer, "mountOptions", MountOptions);
        writer.WriteStartObject("linux");
        WriteLinux(writer);
        writer.WriteEndObject();
        writer.WriteStartObject("annotations");
        writer.WriteString("io.dockerps.runtime.version", version);
        writer.WriteEndObject();
        Write(writer, "potentiallyUnsafeConfigAnnotations", ["org.systemd.property."]);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteLinux(Utf8JsonWriter writer)
    {
        Write(writer, "namespaces", ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]);
        Write(writer, "capabilities", CapabilityName.All);
        writer.WriteStartObject("cgroup");
        writer.WriteBoolean("v1", true);
        writer.WriteBoolean("v2", true);
        writer.WriteBoolean("systemd", true);
        writer.WriteBoolean("systemdUser", false);
        writer.WriteBoolean("rdma", true);
        writer.WriteEndObject();
        writer.WriteStartObject("seccomp");
        writer.WriteBoolean("enabled", true);
        Write(writer, "actions", RuntimeSeccompValidator.Actions);
        Write(writer, "operators", RuntimeSeccompValidator.Operators);
        Write(writer, "archs", RuntimeSeccompValidator.Architectures);
        Write(writer, "knownFlags", RuntimeSeccompValidator.Flags);
        Write(writer, "supportedFlags", RuntimeSeccompValidator.Flags);
        writer.WriteEndObject();
        WriteEnabled(writer, "apparmor", true);
        WriteEnabled(writer, "selinux", true);
        WriteEnabled(writer, "intelRdt", false);
        writer.WriteStartObject("memoryPolicy");
        Write(writer, "modes",
            ["MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL"]);
        Write(writer, "flags", ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]);
        writer.WriteEndObject();
        writer.WriteStartObject("mountExtensions");
        WriteEnabled(writer, "idmap", true);
        writer.WriteEndObject();
        WriteEnabled(writer, "netDevices", true);
    }

    private static void WriteEnabled(Utf8JsonWriter writer, string name, bool enabled)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("enabled", enabled);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, ReadOnlySpan<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
