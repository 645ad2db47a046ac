using System.Globalization;

namespace DockerPS.Oci.RuntimeSpec;

/// <summary>Signals of Linux by name and number (signal(7), the numbers of x86 and Arm).</summary>
public static class SignalNames
{
    private const int RealTimeMin = 34, RealTimeMax = 64;

    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary><c>SIGHUP</c> to <c>SIGSYS</c>.</summary>
    public static IEnumerable<string> All => s_names.Skip(1).Select(n => "SIG" + n);

    /// <summary>The number of <c>TERM</c>, <c>SIGTERM</c>, <c>RTMIN+3</c>, <c>15</c> …; false when it is none of 1 to 64.</summary>
    public static bool TryParse(string text, out int signal)
    {
        string name = text.Trim().ToUpperInvariant();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out signal)) return signal is >= 1 and <= RealTimeMax;
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        signal = name switch
        {
            "IOT" => 6,
            "CLD" => 17,
            "POLL" => 29,
            "RTMIN" => RealTimeMin,
            "RTMAX" => RealTimeMax,
            _ when name.StartsWith("RTMIN+", StringComparison.Ordinal) => RealTimeMin + Offset(name),
            _ when name.StartsWith("RTMAX-", StringComparison.Ordinal) => RealTimeMax - Offset(name),
            "" => 0,
            _ => Array.IndexOf(s_names, name),
        };
        bool realTime = name.StartsWith("RT", StringComparison.Ordinal);
        return signal > 0 && (!realTime || signal is >= RealTimeMin and <= RealTimeMax);
    }

    private static int Offset(string name) =>
        int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int offset) ? offset : 1000;
}
