using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>Signals as users name them.</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>All names that are accepted, for completion and messages.</summary>
    public static IEnumerable<string> All => SignalNames.All;

    /// <summary>The number of <c>TERM</c>, <c>SIGTERM</c>, <c>RTMIN+3</c>, <c>15</c> …</summary>
    /// <exception cref="DockerArgumentException">InvalidSignal.</exception>
    public static int Parse(string text) => TryParse(text, out int signal)
        ? signal
        : throw new DockerArgumentException(
            "InvalidSignal",
            $"'{text}' is no signal. Use a name such as TERM, SIGHUP or RTMIN+1, or a number from 1 to 64.",
            text);

    public static bool TryParse(string text, out int signal) => SignalNames.TryParse(text, out signal);
}
