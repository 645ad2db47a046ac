using System.Globalization;
using System.Text.Json;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class StatisticsWriter
{
    // cpuacct.stat counts in ticks of 1/100 s on every architecture that .NET runs on (getconf CLK_TCK).
    private const ulong NanosecondsOfTick = 10_000_000;

    private void WriteCpu()
    {
        json.WriteStartObject("cpu");
        bool isVersion1 = group.DirectoryOf("cpuacct") is not null;
        if (isVersion1) WriteUsage1();
        else WriteUsage2();
        json.WriteStartObject("throttling");
        List<(string Key, ulong Value)> counts = Keys(group.VersionOf("cpu") == 1 ? "cpu" : "cgroup", "cpu.stat");
        foreach ((string key, ulong value) in counts)
        {
            switch (key)
            {
                case "nr_periods": json.WriteNumber("periods", value); break;
                case "nr_throttled": json.WriteNumber("throttledPeriods", value); break;
                case "throttled_time": json.WriteNumber("throttledTime", value); break;
                case "throttled_usec": json.WriteNumber("throttledTime", value * 1000); break;
            }
        }
        json.WriteEndObject();
        WritePressure("cpu.pressure");
        json.WriteEndObject();
    }

    private void WriteUsage1()
    {
        json.WriteStartObject("usage");
        Number("total", "cpuacct", "cpuacct.usage");
        WriteNumbers("percpu", (group.Read("cpuacct", "cpuacct.usage_percpu") ?? "").Split(' '), 0, 1);
        // A heading, then "processor user system".
        string[] table = (group.Read("cpuacct", "cpuacct.usage_all") ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (table is ["cpu", "user", "system", ..])
        {
            WriteNumbers("percpu_kernel", table, 5, 3);
            WriteNumbers("percpu_user", table, 4, 3);
        }
        ulong kernel = 0, user = 0;
        foreach ((string key, ulong ticks) in Keys("cpuacct", "cpuacct.stat"))
        {
            if (key == "system") kernel = ticks * NanosecondsOfTick;
            else if (key == "user") user = ticks * NanosecondsOfTick;
        }
        json.WriteNumber("kernel", kernel);
        json.WriteNumber("user", user);
        json.WriteEndObject();
    }

    private void WriteUsage2()
    {
        json.WriteStartObject("usage");
        foreach ((string key, ulong microseconds) in Keys("cgroup", "cpu.stat"))
        {
            string? name = key switch { "usage_usec" => "total", "system_usec" => "kernel", "user_usec" => "user", _ => null };
            if (name is not null) json.WriteNumber(name, microseconds * 1000);
        }
        json.WriteEndObject();
    }

    private void WriteCpuset()
    {
        json.WriteStartObject("cpuset");
        bool isVersion1 = group.VersionOf("cpuset") == 1;
        WriteList("cpus", isVersion1 ? "cpuset.cpus" : "cpuset.cpus.effective");
        WriteList("mems", isVersion1 ? "cpuset.mems" : "cpuset.mems.effective");
        if (isVersion1)
        {
            foreach (string name in (ReadOnlySpan<string>)
                ["cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure",
                    "sched_load_balance"])
            {
                Number(name, "cpuset", "cpuset." + name);
            }
            // -1 is the kernel's default.
            if (long.TryParse(
                group.Read("cpuset", "cpuset.sched_relax_domain_level"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long level))
            {
                json.WriteNumber("sched_relax_domain_level", level);
            }
        }
        json.WriteEndObject();
    }

    /// <summary><c>0-2,5</c> as an array of all its numbers.</summary>
    private void WriteList(string name, string file)
    {
        if (group.Read("cpuset", file) is not { Length: > 0 } list) return;
        json.WriteStartArray(name);
        foreach (string item in list.Split(','))
        {
            string[] ends = item.Split('-');
            if (Parse(ends[0]) is not { } first || Parse(ends[^1]) is not { } last) continue;
            for (ulong number = first; number <= last && number - first < 8192; number++) json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    private void WriteNumbers(string name, string[] words, int start, int step)
    {
        json.WriteStartArray(name);
        for (int i = start; i < words.Length; i += step)
            if (Parse(words[i]) is { } number) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
