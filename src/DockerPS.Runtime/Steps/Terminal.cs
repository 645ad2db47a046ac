using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>A pseudo terminal out of the container's own devpts, so that tty(1) there knows it.</summary>
internal static class Terminal
{
    public static void Open(StepPlan plan, Setting setting) => Add(plan, setting, onConsole: true);

    /// <summary>For a further process: /dev/console belongs to the first one.</summary>
    public static void OpenInside(StepPlan plan, Setting setting) => Add(plan, setting, onConsole: false);

    private static void Add(StepPlan plan, Setting setting, bool onConsole)
    {
        if (!setting.Process.Terminal) return;
        ulong size = 0;
        if (setting.Process.ConsoleSize is { } console)
        {
            if (console.Height > ushort.MaxValue || console.Width > ushort.MaxValue)
                throw Setting.Invalid($"$.process.consoleSize: a terminal has {ushort.MaxValue} rows and columns at most");
            size = console.Height | ((ulong)console.Width << 16);
        }

        // The machine's own console stays what it is.
        plan.Add(RuntimeStages.Terminal, "open(/dev/pts/ptmx)", new Step
        {
            Kind = StepKind.Terminal,
            Value = onConsole && !Devices.IsBound(setting) ? 1UL : 0,
            Extra = size,
        });
    }
}
