using System.Globalization;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Engine.Containers;

/// <summary>Resource limits (getrlimit(2)) and what of them this process may hand on.</summary>
internal static class Ulimits
{
    // Name of Docker, and the beginning of its line in /proc/self/limits.
    private static readonly (string Name, string Line)[] Known =
    [
        ("core", "Max core file size"), ("cpu", "Max cpu time"), ("data", "Max data size"), ("fsize", "Max file size"),
        ("locks", "Max file locks"), ("memlock", "Max locked memory"), ("msgqueue", "Max msgqueue size"), ("nice", "Max nice priority"),
        ("nofile", "Max open files"), ("nproc", "Max processes"), ("rss", "Max resident set"), ("rtprio", "Max realtime priority"),
        ("rttime", "Max realtime timeout"), ("sigpending", "Max pending signals"), ("stack", "Max stack size"), ("as", "Max address space"),
    ];

    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    public static bool IsName(string name) => Known.Any(k => k.Name == name);

    /// <summary>
    /// The limits as rlimits. Raising a hard limit needs CAP_SYS_RESOURCE, which root may lack in a restricted machine: then it
    /// is cut to the host's.
    /// </summary>
    /// <param name="limits">What was asked for.</param>
    /// <param name="hostLimits">The lines of /proc/self/limits, or none when any limit may be raised.</param>
    /// <param name="cut">Names of limits that had to be lowered.</param>
    public static List<RuntimeRlimit> Of(IReadOnlyList<ContainerUlimit> limits, IReadOnlyList<string> hostLimits, out List<string> cut)
    {
        cut = [];
        var result = new List<RuntimeRlimit>();
        // The last of a name wins.
        foreach (ContainerUlimit limit in limits.GroupBy(l => l.Name).Select(g => g.Last()))
        {
            ulong hard = limit.Hard < 0 ? ulong.MaxValue : (ulong)limit.Hard;
            ulong soft = limit.Soft < 0 ? ulong.MaxValue : (ulong)limit.Soft;
            ulong most = HostHard(limit.Name, hostLimits);
            if (hard > most)
            {
                cut.Add(limit.Name);
                hard = most;
            }

            result.Add(new RuntimeRlimit { Type = "RLIMIT_" + limit.Name.ToUpperInvariant(), Soft = Math.Min(soft, hard), Hard = hard });
        }

        return result;
    }

    private static ulong HostHard(string name, IReadOnlyList<string> hostLimits)
    {
        string prefix = Known.First(k => k.Name == name).Line;
        string? line = hostLimits.FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal));
        string[]? columns = line?[prefix.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return columns is [_, var hard, ..] && ulong.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : ulong.MaxValue;
    }
}
