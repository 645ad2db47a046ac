using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary><c>list [--format table|json] [--quiet]</c>: the containers below <c>--root</c>.</summary>
internal static class ListContainers
{
    private static readonly string[] s_table = ["format|f=", "quiet|q"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("list", "", s_table);
        var found = new List<(ContainerRecord Record, string Status)>();
        foreach (ContainerDirectory directory in options.Root.All())
        {
            // One that is being created or removed just now is not there yet or any more.
            if (directory.TryRead() is { } record) found.Add((record, directory.Status(record)));
        }

        string format = arguments.Value("format") ?? "table";
        if (arguments.Has("quiet"))
        {
            foreach ((ContainerRecord record, _) in found) Console.Out.WriteLine(record.Id);
        }
        else if (format == "json")
        {
            Console.Out.WriteLine(Json(found));
        }
        else if (format == "table")
        {
            Console.Out.Write(TextTable.Of(
                ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"],
                found.Select(f => (string[])
                [
                    f.Record.Id,
                    (f.Status == "stopped" ? 0 : f.Record.Init?.Pid ?? 0).ToString(CultureInfo.InvariantCulture),
                    f.Status,
                    f.Record.Bundle,
                    f.Record.Created.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
                    OciState.Owner(f.Record.Owner),
                ])));
        }
        else
        {
            throw new CommandException($"--format: '{format}' is not table or json.");
        }

        return 0;
    }

    private static string Json(List<(ContainerRecord Record, string Status)> found)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach ((ContainerRecord record, string status) in found) OciState.Write(writer, record, status, full: true);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
