using System.Globalization;
using System.Text;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Containers;

/// <summary>How the run of a container stands, as far as state.json and the kernel tell.</summary>
internal enum RunState
{
    /// <summary>No supervisor has said anything yet.</summary>
    Unknown,

    /// <summary>The supervisor lives, and the container is being started, runs or is paused.</summary>
    Alive,

    /// <summary>The supervisor recorded the end, or that it failed to start.</summary>
    Ended,

    /// <summary>The supervisor is gone and recorded no end: it was killed, or the machine restarted.</summary>
    Lost,
}

/// <summary>What is known of a run at one instant.</summary>
internal readonly record struct Run(RunState State, SupervisedState? Supervised)
{
    public bool Running => State == RunState.Alive && Supervised!.Status is "running" or "paused";

    public bool Paused => State == RunState.Alive && Supervised!.Status == "paused";
}

/// <summary>Reads state.json and asks the kernel whether its writer still lives.</summary>
internal static class Liveness
{
    private static readonly Lazy<string> BootId = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    public static Run Of(ContainerDirectory directory)
    {
        if (directory.ReadState() is not { } state) return new Run(RunState.Unknown, null);
        if (state.Status is "exited" or "failed") return new Run(RunState.Ended, state);
        if (SupervisorLives(state)) return new Run(RunState.Alive, state);
        // It may have recorded the end between the two looks.
        return directory.ReadState() is { Status: "exited" or "failed" } ended
            ? new Run(RunState.Ended, ended)
            : new Run(RunState.Lost, state);
    }

    public static bool SupervisorLives(SupervisedState state) =>
        string.Equals(state.BootId.Trim(), BootId.Value, StringComparison.Ordinal) && Lives(state.Supervisor);

    /// <summary>A pid may be given again; pid and start time together may not. A zombie has ended.</summary>
    public static bool Lives(ProcessIdentity process)
    {
        try
        {
            string stat = Encoding.Latin1.GetString(File.ReadAllBytes($"/proc/{process.Pid.ToString(CultureInfo.InvariantCulture)}/stat"));
            // The second field is the program's name in parentheses, and may itself contain any character.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X") && ulong.Parse(fields[19], CultureInfo.InvariantCulture) == process.StartTime;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Waits until the supervisor has ended; false when it lives on after the time.</summary>
    public static async ValueTask<bool> EndAsync(SupervisedState state, TimeSpan longest, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        for (int delay = 1; SupervisorLives(state); delay = Math.Min(delay * 2, 20))
        {
            if (Environment.TickCount64 - start > longest.TotalMilliseconds) return false;
            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
