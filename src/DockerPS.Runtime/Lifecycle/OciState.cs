using System.Buffers;
using System.Text.Json;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>
/// A container's state as the runtime-spec has it (runtime.md, "State"): for hooks, the seccomp listener and <c>state</c>, which adds
/// runc's <c>rootfs</c>, <c>created</c> and <c>owner</c>.
/// </summary>
internal static class OciState
{
    /// <param name="record">Whose state.</param>
    /// <param name="status"><c>creating created running paused stopped</c>.</param>
    /// <param name="full">With what only <c>state</c> prints.</param>
    public static ReadOnlyMemory<byte> ToJson(ContainerRecord record, string status, bool full)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = full })) Write(writer, record, status, full);
        return buffer.WrittenMemory;
    }

    public static void Write(Utf8JsonWriter writer, ContainerRecord record, string status, bool full)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersion", record.OciVersion);
        writer.WriteString("id", record.Id);
        int pid = status == "stopped" ? 0 : record.Init?.Pid ?? 0;
        // The state that hooks get has no pid where there is no process; who reads ours expects the member as runc prints it.
        if (full || pid > 0) writer.WriteNumber("pid", pid);
        writer.WriteString("status", status);
        writer.WriteString("bundle", record.Bundle);
        if (full)
        {
            writer.WriteString("rootfs", record.RootFileSystem);
            writer.WriteString("created", record.Created.UtcDateTime);
        }

        if (record.Annotations.Count > 0)
        {
            writer.WriteStartObject("annotations");
            foreach ((string name, string value) in record.Annotations) writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        if (full) writer.WriteString("owner", Owner(record.Owner));
        writer.WriteEndObject();
    }

    /// <summary>The user's name in the host's passwd file, or the number.</summary>
    public static string Owner(uint uid)
    {
        string number = uid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (uid == 0) return "root";
        foreach (string line in File.Exists("/etc/passwd") ? File.ReadLines("/etc/passwd") : [])
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[2] == number) return fields[0];
        }

        return number;
    }
}
