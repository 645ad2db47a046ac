using System.Buffers;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Users;

namespace DockerPS.Runtime.Foreign;

/// <summary>
/// config.json and process.json for another runtime: what ours takes from supervise.json, names of users and devices of the host,
/// stands in them as numbers. All else goes through as it is.
/// </summary>
internal static class ForeignConfig
{
    public static byte[] Config(ReadOnlyMemory<byte> json, Setting setting, string root, Identity identity) => Rewritten(json, (document, writer) =>
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in document.EnumerateObject())
        {
            writer.WritePropertyName(property.Name);
            switch (property.Name)
            {
                // All of it was there in 1.0, and some runtimes refuse what is newer than they are.
                case "ociVersion": writer.WriteStringValue("1.0.2"); break;
                case "process": WriteProcess(writer, property.Value, identity); break;
                case "root": WriteRoot(writer, property.Value, root); break;
                case "linux": WriteLinux(writer, property.Value, setting); break;
                default: property.Value.WriteTo(writer); break;
            }
        }

        writer.WriteEndObject();
    });

    /// <summary>The process of a request to execute one.</summary>
    public static byte[] Process(ReadOnlyMemory<byte> request, Identity identity) =>
        Rewritten(request, (document, writer) => WriteProcess(writer, document.GetProperty("process"), identity));

    private static byte[] Rewritten(ReadOnlyMemory<byte> json, Action<JsonElement, Utf8JsonWriter> rewrite)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        var buffer = new ArrayBufferWriter<byte>(json.Length + 1024);
        using (var writer = new Utf8JsonWriter(buffer)) rewrite(document.RootElement, writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteProcess(Utf8JsonWriter writer, JsonElement process, Identity identity)
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in process.EnumerateObject())
        {
            if (property.Name is "user" or "env") continue;
            property.WriteTo(writer);
        }

        writer.WriteStartObject("user");
        writer.WriteNumber("uid", identity.Uid);
        writer.WriteNumber("gid", identity.Gid);
        writer.WriteStartArray("additionalGids");
        foreach (uint group in identity.Groups) writer.WriteNumberValue(group);
        writer.WriteEndArray();
        writer.WriteEndObject();

        writer.WriteStartArray("env");
        bool home = false;
        if (process.TryGetProperty("env", out JsonElement environment))
        {
            foreach (JsonElement entry in environment.EnumerateArray())
            {
                home |= entry.GetString()!.StartsWith("HOME=", StringComparison.Ordinal);
                entry.WriteTo(writer);
            }
        }

        if (!home) writer.WriteStringValue("HOME=" + identity.Home);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRoot(Utf8JsonWriter writer, JsonElement element, string root)
    {
        writer.WriteStartObject();
        writer.WriteString("path", root);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name != "path") property.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteLinux(Utf8JsonWriter writer, JsonElement linux, Setting setting)
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in linux.EnumerateObject())
        {
            if (property.Name is not ("devices" or "resources")) property.WriteTo(writer);
        }

        writer.WriteStartArray("devices");
        foreach (HostDevice device in setting.Devices)
        {
            writer.WriteStartObject();
            writer.WriteString("type", (device.Mode & LibC.S_IFMT) == LibC.S_IFCHR ? "c" : "b");
            writer.WriteString("path", device.Target);
            writer.WriteNumber("major", LibC.MajorOf(device.Number));
            writer.WriteNumber("minor", LibC.MinorOf(device.Number));
            writer.WriteNumber("fileMode", device.Mode & 0xFFF);
            writer.WriteNumber("uid", device.Uid);
            writer.WriteNumber("gid", device.Gid);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("resources");
        if (linux.TryGetProperty("resources", out JsonElement resources))
        {
            foreach (JsonProperty property in resources.EnumerateObject())
            {
                if (property.Name != "devices") property.WriteTo(writer);
            }
        }

        WriteDeviceRules(writer, setting.Linux.Resources?.Devices ?? []);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Those of config.json, and behind them those of the host's devices that were asked for.</summary>
    private static void WriteDeviceRules(Utf8JsonWriter writer, List<RuntimeDeviceRule> rules)
    {
        writer.WriteStartArray("devices");
        foreach (RuntimeDeviceRule rule in rules)
        {
            writer.WriteStartObject();
            writer.WriteBoolean("allow", rule.Allow);
            if (rule.Type is { } type) writer.WriteString("type", type);
            if (rule.Major is { } major) writer.WriteNumber("major", major);
            if (rule.Minor is { } minor) writer.WriteNumber("minor", minor);
            if (rule.Access is { } access) writer.WriteString("access", access);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
