using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// <c>ps [--format table|json] ID [OPTIONS]</c>: the container's processes, by the pids they have outside. As JSON an array of pids; as a table what
/// ps(1) says of them, with its options (<c>-ef</c> when none are given).
/// </summary>
internal static class ListProcesses
{
    private static readonly string[] s_table = ["format|f="];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table, leading: true);
        if (arguments.Help) return Usage.Verb("ps", "ID [PS-OPTIONS]", s_table);
        if (arguments.Positional.Count == 0) throw new CommandException("\"ps\" takes the id of a container, and options of ps(1) behind it.");
        string format = arguments.Value("format") ?? "table";
        if (format is not ("table" or "json")) throw new CommandException($"--format: '{format}' is not table or json.");
        ContainerDirectory directory = options.Root.Find(arguments.Positional[0]);
        ContainerRecord record = directory.Read();
        if (directory.Status(record) == "stopped") throw new CommandException($"container not running: '{directory.Id}' has no processes.");
        List<int> pids = ContainerDirectory.CgroupOf(record)?.Processes() ?? [];
        pids.Sort();
        Console.Out.Write(format == "json" ? Json(pids) : Table(pids, arguments.Positional[1..]));
        return 0;
    }

    private static string Json(List<int> pids)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (int pid in pids) writer.WriteNumberValue(pid);
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static string Table(List<int> pids, List<string> options)
    {
        var start = new ProcessStartInfo("ps") { RedirectStandardOutput = true };
        foreach (string option in options.Count > 0 ? options : ["-ef"]) start.ArgumentList.Add(option);
        string output;
        try
        {
            using Process ps = Process.Start(start)!;
            output = ps.StandardOutput.ReadToEnd();
            ps.WaitForExit();
            if (ps.ExitCode != 0) throw new CommandException($"ps {string.Join(' ', start.ArgumentList)} failed with exit code {ps.ExitCode}.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandException($"ps cannot be executed: {e.Message}. Install procps, or use --format json.");
        }
        return Select(output, pids);
    }

    /// <summary>The heading and the lines whose column PID is one of those.</summary>
    internal static string Select(string output, List<int> pids)
    {
        string[] lines = output.Split('\n');
        int column = Array.IndexOf(Words(lines[0]), "PID");
        if (column < 0) throw new CommandException("ps shows no column PID with these options: add one, for instance with -o pid,args.");
        var table = new StringBuilder().Append(lines[0]).Append('\n');
        foreach (string line in lines.AsSpan(1))
        {
            string[] words = Words(line);
            if (words.Length <= column || !int.TryParse(words[column], NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            if (pids.Contains(pid)) table.Append(line).Append('\n');
        }
        return table.ToString();
    }

    private static string[] Words(string line) => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
