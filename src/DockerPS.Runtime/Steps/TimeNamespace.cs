using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A time namespace of its own with the offsets of linux.timeOffsets (time_namespaces(7); config-linux.md, "Offset for Time Namespace").</summary>
internal static unsafe class TimeNamespace
{
    public static void Enter(StepPlan plan, Setting setting)
    {
        if (!setting.Has("time"))
        {
            if (setting.Linux.TimeOffsets is { Count: > 0 })
                throw Setting.Invalid("linux.timeOffsets needs a new time namespace in linux.namespaces");
            return;
        }

        if (!File.Exists("/proc/self/ns/time"))
            throw Setting.Invalid("linux.namespaces: this kernel has no time namespaces (Linux 5.6 or later, CONFIG_TIME_NS)");
        // By descriptor: a mount namespace that was joined need not have a /proc, or has another.
        int proc = LibC.Open("/proc", LibC.O_PATH | LibC.O_DIRECTORY);
        setting.Descriptors.Add(proc);
        string offsets = Text(setting.Linux.TimeOffsets);
        plan.Add(RuntimeStages.Namespaces, $"write(timens_offsets, {offsets.Replace('\n', ';')})", new Step
        {
            Kind = StepKind.EnterTime,
            Fd = proc,
            Data = plan.Text(offsets),
            Value = (ulong)offsets.Length,
        });
    }

    /// <summary>As /proc/PID/timens_offsets takes them: clock, seconds, nanoseconds.</summary>
    public static string Text(Dictionary<string, RuntimeTimeOffset>? offsets)
    {
        var text = new StringBuilder();
        foreach ((string clock, RuntimeTimeOffset offset) in offsets ?? [])
        {
            if (clock is not ("monotonic" or "boottime"))
                throw Setting.Invalid($"linux.timeOffsets: '{clock}' is no clock of a time namespace; there are monotonic and boottime");
            if (offset.Nanosecs > 999_999_999) throw Setting.Invalid($"linux.timeOffsets.{clock}.nanosecs is a whole second or more");
            text.Append(CultureInfo.InvariantCulture, $"{clock} {offset.Secs} {offset.Nanosecs}\n");
        }

        return text.ToString();
    }
}
