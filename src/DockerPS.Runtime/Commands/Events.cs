using System.Diagnostics;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Runtime.Cgroups;
using DockerPS.Runtime.Lifecycle;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// <c>events [--interval DURATION] [--stats] ID</c>: what a container uses, each time one line of JSON, until it ends; and a line when its
/// processes want more memory than they may have. With --stats once.
/// </summary>
internal static class Events
{
    private static readonly string[] s_table = ["interval=", "stats"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("events", "ID", s_table);
        if (!GoDuration.TryParse(arguments.Value("interval") ?? "5s", out long interval) || interval <= 0)
            throw new CommandException($"--interval: '{arguments.Value("interval")}' is no duration greater than 0, such as 5s or 500ms.");
        ContainerDirectory directory = options.Root.Find(arguments.Single("events"));
        ContainerRecord record = directory.Read();
        if (record.Init is not { } init || ContainerDirectory.CgroupOf(record) is not { } cgroup || directory.Status(record) == "stopped")
            throw new CommandException($"container not running: '{directory.Id}' has ended.");
        if (arguments.Has("stats"))
        {
            WriteStatistics(directory.Id, cgroup, init.Pid);
            return 0;
        }

        int pidfd = ProcStat.OpenPidfd(init.Pid, init.StartTime);
        if (pidfd < 0) throw new CommandException($"container not running: '{directory.Id}' has ended.");
        try
        {
            Follow(directory.Id, cgroup, init.Pid, pidfd, interval);
            return 0;
        }
        finally
        {
            LibC.Close(ref pidfd);
        }
    }

    private static unsafe void Follow(string id, Cgroup cgroup, int init, int pidfd, long interval)
    {
        using OutOfMemoryWatch memory = OutOfMemoryWatch.Start(cgroup);
        LibC.pollfd* polled = stackalloc LibC.pollfd[2];
        long next = Stopwatch.GetTimestamp();
        while (true)
        {
            next += (long)(interval / 1e9 * Stopwatch.Frequency);
            while (true)
            {
                long left = (next - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency;
                polled[0] = new LibC.pollfd { Descriptor = pidfd, Events = LibC.POLLIN };
                polled[1] = new LibC.pollfd { Descriptor = memory.Descriptor, Events = memory.Events };
                int ready = LibC.poll(polled, 2, (int)Math.Clamp(left + 1, 0, int.MaxValue));
                if (ready == 0) break;
                if (ready < 0) continue;
                // What the end of the container itself was about is said before it.
                if (polled[1].Returned != 0 && memory.Take()) WriteOutOfMemory(id);
                if (polled[0].Returned != 0) return;
            }
            WriteStatistics(id, cgroup, init);
        }
    }

    private static void WriteStatistics(string id, Cgroup cgroup, int init) => WriteLine(id, "stats", writer =>
    {
        writer.WritePropertyName("data");
        new StatisticsWriter(writer, cgroup).Write(init);
    });

    private static void WriteOutOfMemory(string id) => WriteLine(id, "oom", null);

    private static void WriteLine(string id, string type, Action<Utf8JsonWriter>? data)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteString("id", id);
            data?.Invoke(writer);
            writer.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        LibC.WriteAll(1, buffer.ToArray());
    }
}
