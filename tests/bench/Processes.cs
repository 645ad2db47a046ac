using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DockerPS.Bench;

/// <summary>Other processes: run one, find a program, read what /proc tells.</summary>
internal static class Processes
{
    private const int BufferLength = 8 << 10;

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

    /// <summary>The processes that a process has started and that live.</summary>
    public static List<int> Children(int pid)
    {
        List<int> children = [];
        Span<byte> buffer = stackalloc byte[BufferLength];
        foreach (string thread in Threads(pid))
        {
            ReadOnlySpan<byte> text = Read(thread + "/children", buffer);
            foreach (Range word in text.Split((byte)' '))
                if (Utf8Parser.TryParse(text[word], out int child, out int _)) children.Add(child);
        }
        return children;
    }

    /// <summary>The file that a process runs; null when it has ended.</summary>
    public static string? Executable(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/exe", returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Threads(int pid)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task");
        }
        catch (IOException)
        {
            return []; // it has ended
        }
    }

    private static long Kilobytes(string file, string field) =>
        long.TryParse(Field(file, field).Split(' ')[0], out long kilobytes) ? kilobytes * 1024 : 0;

    /// <summary>What stands behind a name in a file of /proc. With few objects: the memory of this process is measured meanwhile.</summary>
    private static string Field(string file, string field)
    {
        Span<byte> buffer = stackalloc byte[BufferLength], name = stackalloc byte[field.Length + 1];
        name[0] = (byte)'\n';
        Encoding.ASCII.GetBytes(field, name[1..]);
        ReadOnlySpan<byte> text = Read(file, buffer);
        int found = text.IndexOf(name);
        if (found < 0) return "";
        text = text[(found + name.Length)..];
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)'\n')]).Trim();
    }

    /// <summary>The beginning of a small file; empty when its process has ended.</summary>
    private static ReadOnlySpan<byte> Read(string file, Span<byte> buffer)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file);
            int length = 0;
            for (int read; length < buffer.Length && (read = RandomAccess.Read(handle, buffer[length..], length)) > 0;) length += read;
            return buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
