using System.Diagnostics;
using System.Globalization;

namespace DockerPS.Bench;

/// <summary>Other processes: run one, find a program, read what /proc tells.</summary>
internal static class Processes
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Where a program is on the PATH, or null.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end and gives its output; anything but success is an exception with what it said.</summary>
    public static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took more than {Limit.TotalMinutes} minutes.");
        }
        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.Result.Trim()}{output.Result.Trim()}");
    }

    public static int Parent(int pid) => int.Parse(Field($"/proc/{pid}/status", "PPid:"), CultureInfo.InvariantCulture);

    public static long ResidentSize(int pid) => Kilobytes($"/proc/{pid}/status", "VmRSS:");

    public static long ProportionalSetSize(int pid) => Kilobytes($"/proc/{pid}/smaps_rollup", "Pss:");

    /// <summary>All processes below one, as far as they live while being looked at.</summary>
    public static IEnumerable<int> Descendants(int pid)
    {
        ILookup<int, int> children = Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out int id) ? id : 0).Where(id => id > 0)
            .ToLookup(ParentOrNone);
        var open = new Queue<int>(children[pid]);
        while (open.TryDequeue(out int next))
        {
            yield return next;
            foreach (int child in children[next])
                open.Enqueue(child);
        }
    }

    private static int ParentOrNone(int pid) => int.TryParse(Field($"/proc/{pid}/status", "PPid:"), out int parent) ? parent : 0;

    private static long Kilobytes(string file, string field) =>
        long.TryParse(Field(file, field).Split(' ')[0], out long kilobytes) ? kilobytes * 1024 : 0;

    private static string Field(string file, string field)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended
        }
    }
}
