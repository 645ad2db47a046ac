using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>What an OCI container's directory remembers of it from <c>create</c> to <c>delete</c> (state.json). The status is not kept but looked at.</summary>
internal sealed class ContainerRecord
{
    public required string Id { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>The root file system, absolute.</summary>
    public required string RootFileSystem { get; init; }

    /// <summary>Version of the runtime-spec that the bundle's config.json names.</summary>
    public required string OciVersion { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Real user id of who made it.</summary>
    public required uint Owner { get; init; }

    /// <summary>After a reboot nothing of it runs.</summary>
    public required string BootId { get; init; }

    /// <summary>The first process; null while it is being created.</summary>
    public ProcessIdentity? Init { get; set; }

    /// <summary>Cgroup directories that were made.</summary>
    public required List<string> Cgroups { get; init; }

    /// <summary>systemd's scope that holds them; null when the runtime made them itself.</summary>
    public string? CgroupUnit { get; init; }

    public Dictionary<string, string> Annotations { get; init; } = [];

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("id", Id);
        writer.WriteString("bundle", Bundle);
        writer.WriteString("rootfs", RootFileSystem);
        writer.WriteString("ociVersion", OciVersion);
        writer.WriteString("created", Created);
        writer.WriteNumber("owner", Owner);
        writer.WriteString("bootId", BootId);
        if (Init is { } init)
        {
            writer.WriteNumber("pid", init.Pid);
            writer.WriteNumber("startTime", init.StartTime);
        }

        if (CgroupUnit is not null) writer.WriteString("cgroupUnit", CgroupUnit);
        writer.WriteStartArray("cgroups");
        foreach (string cgroup in Cgroups) writer.WriteStringValue(cgroup);
        writer.WriteEndArray();
        writer.WriteStartObject("annotations");
        foreach ((string name, string value) in Annotations) writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <exception cref="JsonException">Malformed.</exception>
    public static ContainerRecord FromJson(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        try
        {
            return new ContainerRecord
            {
                Id = Text(root, "id"),
                Bundle = Text(root, "bundle"),
                RootFileSystem = Text(root, "rootfs"),
                OciVersion = Text(root, "ociVersion"),
                Created = DateTimeOffset.Parse(Text(root, "created"), CultureInfo.InvariantCulture),
                Owner = root.GetProperty("owner").GetUInt32(),
                BootId = Text(root, "bootId"),
                Init = root.TryGetProperty("pid", out JsonElement pid)
                    ? new ProcessIdentity { Pid = pid.GetInt32(), StartTime = root.GetProperty("startTime").GetUInt64() }
                    : null,
                Cgroups = [.. root.GetProperty("cgroups").EnumerateArray().Select(e => e.GetString()!)],
                CgroupUnit = root.TryGetProperty("cgroupUnit", out JsonElement unit) ? unit.GetString() : null,
                Annotations = root.GetProperty("annotations").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("state.json: " + e.Message);
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.GetProperty(name).GetString() ?? throw new KeyNotFoundException($"{name} is missing");
}
