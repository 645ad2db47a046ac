using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Oci.Bundle;

/// <summary>
/// Reads and writes by hand what a supervisor reads and writes on its way: the same JSON as <see cref="BundleJson"/>, without the
/// milliseconds and memory that a serializer takes to learn its types.
/// </summary>
public static class BundleFiles
{
    /// <exception cref="JsonException">Malformed; the path is named.</exception>
    public static SuperviseConfig ReadSuperviseConfig(ReadOnlyMemory<byte> json) => JsonFields.Document(json, f => new SuperviseConfig
    {
        Id = f.Required("id"),
        Name = f.Required("name"),
        LowerDirectories = f.Texts("lowerDirectories") ?? [],
        UpperDirectory = f.Text("upperDirectory"),
        WorkDirectory = f.Text("workDirectory"),
        Volatile = f.Flag("volatile"),
        LogPath = f.Text("logPath"),
        RunDirectory = f.Required("runDirectory"),
        User = f.Text("user"),
        GroupAdd = f.Texts("groupAdd") ?? [],
        Devices = f.Objects("devices", d => new SuperviseDevice
        {
            Source = d.Required("source"),
            Target = d.Required("target"),
            Permissions = d.Text("permissions") ?? "rwm",
        }) ?? [],
        AllDevices = f.Flag("allDevices"),
        OpenStdin = f.Flag("openStdin"),
        Attached = f.Flag("attached"),
        Init = f.Flag("init"),
        StopSignal = f.Integer("stopSignal") ?? 15,
        StopTimeout = f.Integer("stopTimeout") ?? 10_000,
        AutoRemove = f.Flag("autoRemove"),
        SeccompCache = f.Text("seccompCache"),
        Sources = f.Objects("sources", s => new SuperviseSource
        {
            Mount = s.Integer("mount") ?? 0,
            Name = s.Text("name") ?? "",
            Data = s.Text("data"),
            Type = s.Text("type"),
            Device = s.Text("device"),
            Options = s.Texts("options") ?? [],
            Peers = s.Texts("peers") ?? [],
            Layers = s.Texts("layers") ?? [],
            UpperDirectory = s.Text("upperDirectory"),
            WorkDirectory = s.Text("workDirectory"),
            Subpath = s.Text("subpath"),
            CopyFrom = s.Text("copyFrom"),
            Staging = s.Text("staging"),
            Lock = s.Text("lock"),
        }) ?? [],
        Runtime = f.Text("runtime"),
        Networks = f.Objects("networks", Network) ?? [],
        NameServers = f.Texts("nameServers"),
        Ports = f.Objects("ports", Port) ?? [],
        ServesNames = f.Flag("servesNames"),
    });

    /// <inheritdoc cref="ReadSuperviseConfig"/>
    public static ExecuteRequest ReadExecuteRequest(ReadOnlyMemory<byte> json) => JsonFields.Document(json, f => new ExecuteRequest
    {
        Process = f.TryObject("process", out JsonFields process)
            ? RuntimeProcessReader.Read(process)
            : throw f.Missing("process"),
        User = f.Text("user"),
        GroupAdd = f.Texts("groupAdd") ?? [],
        OpenStdin = f.Flag("openStdin"),
        Detached = f.Flag("detached"),
    });

    /// <inheritdoc cref="ReadSuperviseConfig"/>
    public static SupervisedState ReadState(ReadOnlyMemory<byte> json) => JsonFields.Document(json, f => new SupervisedState
    {
        Id = f.Required("id"),
        Status = f.Required("status"),
        BootId = f.Required("bootId"),
        Supervisor = f.TryObject("supervisor", out JsonFields supervisor) ? Process(supervisor) : new ProcessIdentity(),
        Init = f.TryObject("init", out JsonFields init) ? Process(init) : null,
        StartedAt = Time(f.Text("startedAt")),
        FinishedAt = Time(f.Text("finishedAt")),
        ExitCode = f.Integer("exitCode"),
        OomKilled = f.Flag("oomKilled"),
        Failure = f.TryObject("failure", out JsonFields failure)
            ? new RuntimeFailure
            {
                Stage = failure.Required("stage"),
                Call = failure.Text("call") ?? "",
                Errno = failure.Integer("errno") ?? 0,
                Text = failure.Required("text"),
                ExitCode = failure.Integer("exitCode") ?? 125,
            }
            : null,
        Cgroups = f.Texts("cgroups") ?? [],
        Ports = f.Objects("ports", Port) ?? [],
        Faults = f.Objects("faults", Fault) ?? [],
    });

    /// <summary>A line of control.sock.</summary>
    /// <inheritdoc cref="ReadSuperviseConfig"/>
    public static ControlRequest ReadControlRequest(ReadOnlyMemory<byte> json) => JsonFields.Document(json, f => new ControlRequest
    {
        Verb = f.Required("verb"),
        Signal = f.Integer("signal") ?? 0,
        Timeout = f.Integer("timeout"),
        KeepLayer = f.Flag("keepLayer"),
        Rows = f.Integer("rows") ?? 0,
        Columns = f.Integer("columns") ?? 0,
        Name = f.Text("name"),
        NewName = f.Text("newName"),
        Network = f.TryObject("network", out JsonFields network) ? Network(network) : null,
        NameServers = f.Texts("nameServers"),
        Port = f.TryObject("port", out JsonFields port) ? Port(port) : null,
        Faults = f.Objects("faults", Fault),
    });

    /// <inheritdoc cref="ReadSuperviseConfig"/>
    public static SuperviseNetwork ReadNetwork(ReadOnlyMemory<byte> json) => JsonFields.Document(json, Network);

    /// <summary>state.json as bytes.</summary>
    public static ReadOnlyMemory<byte> Write(SupervisedState state)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("id", state.Id);
        writer.WriteString("status", state.Status);
        writer.WriteString("bootId", state.BootId);
        Write(writer, "supervisor", state.Supervisor);
        if (state.Init is { } init) Write(writer, "init", init);
        if (state.StartedAt is { } started) writer.WriteString("startedAt", started);
        if (state.FinishedAt is { } finished) writer.WriteString("finishedAt", finished);
        if (state.ExitCode is { } code) writer.WriteNumber("exitCode", code);
        writer.WriteBoolean("oomKilled", state.OomKilled);
        if (state.Failure is { } failure) Write(writer, failure);
        Write(writer, "cgroups", state.Cgroups);
        writer.WriteStartArray("ports");
        foreach (SupervisePort port in state.Ports) Write(writer, port);
        writer.WriteEndArray();
        writer.WriteStartArray("faults");
        foreach (SuperviseFault fault in state.Faults) Write(writer, fault);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, string name, List<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, ProcessIdentity process)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("pid", process.Pid);
        writer.WriteNumber("startTime", process.StartTime);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RuntimeFailure failure)
    {
        writer.WriteStartObject("failure");
        writer.WriteString("stage", failure.Stage);
        writer.WriteString("call", failure.Call);
        writer.WriteNumber("errno", failure.Errno);
        writer.WriteString("text", failure.Text);
        writer.WriteNumber("exitCode", failure.ExitCode);
        writer.WriteEndObject();
    }

    private static SupervisePort Port(JsonFields f) => new()
    {
        HostAddress = f.Text("hostAddress"),
        HostPort = f.Integer("hostPort") ?? 0,
        HostPortEnd = f.Integer("hostPortEnd") ?? 0,
        Port = f.Integer("port") ?? throw f.Missing("port"),
        Udp = f.Flag("udp"),
    };

    private static void Write(Utf8JsonWriter writer, SupervisePort port)
    {
        writer.WriteStartObject();
        if (port.HostAddress is { } address) writer.WriteString("hostAddress", address);
        writer.WriteNumber("hostPort", port.HostPort);
        if (port.HostPortEnd > 0) writer.WriteNumber("hostPortEnd", port.HostPortEnd);
        writer.WriteNumber("port", port.Port);
        writer.WriteBoolean("udp", port.Udp);
        writer.WriteEndObject();
    }

    private static SuperviseFault Fault(JsonFields f) => new()
    {
        Network = f.Required("network"),
        Kind = f.Required("kind"),
        Value = f.Number("value") ?? 0,
        Jitter = f.Number("jitter") ?? 0,
        Peers = f.Texts("peers") ?? [],
        PeerAddresses = f.Texts("peerAddresses") ?? [],
        Duration = f.Number("duration") ?? 0,
        Until = Time(f.Text("until")),
    };

    private static void Write(Utf8JsonWriter writer, SuperviseFault fault)
    {
        writer.WriteStartObject();
        writer.WriteString("network", fault.Network);
        writer.WriteString("kind", fault.Kind);
        writer.WriteNumber("value", fault.Value);
        writer.WriteNumber("jitter", fault.Jitter);
        Write(writer, "peers", fault.Peers);
        Write(writer, "peerAddresses", fault.PeerAddresses);
        writer.WriteNumber("duration", fault.Duration);
        if (fault.Until is { } until) writer.WriteString("until", until);
        writer.WriteEndObject();
    }

    private static SuperviseNetwork Network(JsonFields f) => new()
    {
        Name = f.Required("name"),
        Driver = f.Required("driver"),
        Link = f.Required("link"),
        LinkMacAddress = f.Text("linkMacAddress"),
        Vlan = f.Integer("vlan") ?? 0,
        Mode = f.Text("mode"),
        Mtu = f.Integer("mtu") ?? 0,
        LinkAddresses = f.Texts("linkAddresses") ?? [],
        Addresses = f.Texts("addresses") ?? [],
        MacAddress = f.Required("macAddress"),
        Interface = f.Required("interface"),
        HostInterface = f.Text("hostInterface") ?? "",
        NamesDirectory = f.Text("namesDirectory"),
        Names = f.Texts("names") ?? [],
        Gateways = f.Texts("gateways") ?? [],
        Internal = f.Flag("internal"),
        Isolated = f.OptionalFlag("isolated") ?? true,
    };

    private static ProcessIdentity Process(JsonFields f) =>
        new() { Pid = f.Integer("pid") ?? 0, StartTime = f.Unsigned("startTime") ?? 0 };

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
