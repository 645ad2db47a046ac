using System.Text.Json;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Reads process of config.json, or a file that holds such an object (<c>exec --process</c>).</summary>
public static class RuntimeProcessReader
{
    /// <exception cref="JsonException">Not JSON, or a member is missing or of the wrong type; its path is named.</exception>
    public static RuntimeProcess Read(ReadOnlyMemory<byte> json) => JsonFields.Document(json, Read);

    internal static RuntimeProcess Read(JsonFields f) => new()
    {
        Terminal = f.Flag("terminal"),
        ConsoleSize = f.TryObject("consoleSize", out JsonFields size)
            ? new ConsoleSize { Height = size.RequiredSmall("height"), Width = size.RequiredSmall("width") }
            : null,
        User = f.TryObject("user", out JsonFields user) ? User(user) : new RuntimeUser(),
        Args = f.Texts("args"),
        Env = f.Texts("env"),
        Cwd = f.Text("cwd") ?? "",
        Capabilities = f.TryObject("capabilities", out JsonFields sets) ? Capabilities(sets) : null,
        Rlimits = f.Objects("rlimits", l => new RuntimeRlimit
        {
            Type = l.Required("type"),
            Soft = l.RequiredUnsigned("soft"),
            Hard = l.RequiredUnsigned("hard"),
        }),
        NoNewPrivileges = f.Flag("noNewPrivileges"),
        ApparmorProfile = f.Text("apparmorProfile"),
        SelinuxLabel = f.Text("selinuxLabel"),
        OomScoreAdj = f.Integer("oomScoreAdj"),
        Scheduler = f.TryObject("scheduler", out JsonFields scheduler) ? Scheduler(scheduler) : null,
        IoPriority = f.TryObject("ioPriority", out JsonFields priority)
            ? new RuntimeIoPriority { Class = priority.Required("class"), Priority = priority.Integer("priority") ?? 0 }
            : null,
        ExecCpuAffinity = f.TryObject("execCPUAffinity", out JsonFields affinity)
            ? new RuntimeCpuAffinity { Initial = affinity.Text("initial"), Final = affinity.Text("final") }
            : null,
    };

    private static RuntimeUser User(JsonFields f) => new()
    {
        Uid = f.Small("uid") ?? 0,
        Gid = f.Small("gid") ?? 0,
        Umask = f.Small("umask"),
        AdditionalGids = f.Numbers("additionalGids"),
        Username = f.Text("username"),
    };

    private static RuntimeCapabilities Capabilities(JsonFields f) => new()
    {
        Bounding = f.Texts("bounding"),
        Effective = f.Texts("effective"),
        Inheritable = f.Texts("inheritable"),
        Permitted = f.Texts("permitted"),
        Ambient = f.Texts("ambient"),
    };

    private static RuntimeScheduler Scheduler(JsonFields f) => new()
    {
        Policy = f.Required("policy"),
        Nice = f.Integer("nice"),
        Priority = f.Integer("priority"),
        Flags = f.Texts("flags"),
        Runtime = f.Unsigned("runtime"),
        Deadline = f.Unsigned("deadline"),
        Period = f.Unsigned("period"),
    };
}
