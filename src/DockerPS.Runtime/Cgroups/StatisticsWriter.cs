using System.Globalization;
using System.Text.Json;
using DockerPS.Linux.Cgroups;

namespace DockerPS.Runtime.Cgroups;

/// <summary>What a container's cgroup has used, as the object that <c>runc events --stats</c> has as its data.</summary>
/// <remarks>A name that the kernel does not count is left out, as runc does. Times are nanoseconds.</remarks>
internal sealed partial class StatisticsWriter(Utf8JsonWriter json, Cgroup group)
{
    /// <param name="init">The first process, whose network interfaces are counted.</param>
    public void Write(int init)
    {
        json.WriteStartObject();
        WriteCpu();
        WriteCpuset();
        WriteMemory();
        WritePids();
        WriteBlockIo();
        WriteHugepages();
        json.WriteStartObject("intel_rdt");
        json.WriteEndObject();
        WriteInterfaces(init);
        json.WriteEndObject();
    }

    private void WritePids()
    {
        json.WriteStartObject("pids");
        Number("current", "pids", "pids.current");
        // No limit is no number.
        if (group.Read("pids", "pids.max") is { } limit && limit != "max") Number("limit", "pids", "pids.max");
        json.WriteEndObject();
    }

    private void WriteHugepages()
    {
        json.WriteStartObject("hugetlb");
        if (group.DirectoryOf("hugetlb") is { } directory)
        {
            bool isVersion1 = group.VersionOf("hugetlb") == 1;
            string end = isVersion1 ? ".usage_in_bytes" : ".current";
            foreach (string file in Directory.GetFiles(directory, "hugetlb.*" + end))
            {
                string size = Path.GetFileName(file)["hugetlb.".Length..^end.Length];
                if (size.Contains('.')) continue;
                json.WriteStartObject(size);
                Number("usage", "hugetlb", $"hugetlb.{size}{end}");
                if (isVersion1) Number("max", "hugetlb", $"hugetlb.{size}.max_usage_in_bytes");
                ulong? failures = isVersion1
                    ? Parse(group.Read("hugetlb", $"hugetlb.{size}.failcnt"))
                    : Keys("hugetlb", $"hugetlb.{size}.events").Find(k => k.Key == "max").Value;
                json.WriteNumber("failcnt", failures ?? 0);
                json.WriteEndObject();
            }
        }
        json.WriteEndObject();
    }

    private void WriteInterfaces(int init)
    {
        json.WriteStartArray("network_interfaces");
        string table = System.Text.Encoding.UTF8.GetString(Linux.LibC.TryReadFile($"/proc/{init}/net/dev") ?? []);
        foreach (string line in table.Split('\n'))
        {
            int colon = line.IndexOf(':');
            if (colon < 0) continue;
            string[] counts = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (counts.Length < 12) continue;
            json.WriteStartObject();
            json.WriteString("Name", line[..colon].Trim());
            // Each direction: bytes, packets, errs, drop and four more.
            foreach ((string name, int at) in (ReadOnlySpan<(string, int)>)
                [("RxBytes", 0), ("RxPackets", 1), ("RxErrors", 2), ("RxDropped", 3), ("TxBytes", 8), ("TxPackets", 9), ("TxErrors", 10), ("TxDropped", 11)])
            {
                json.WriteNumber(name, Parse(counts[at]) ?? 0);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>A file's number, when there is one.</summary>
    private void Number(string name, string controller, string file)
    {
        if (Parse(group.Read(controller, file)) is { } number) json.WriteNumber(name, number);
    }

    /// <summary><c>max</c> is the greatest number, as runc writes it.</summary>
    private static ulong? Parse(ReadOnlySpan<char> text)
    {
        if (text.SequenceEqual("max")) return ulong.MaxValue;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }

    /// <summary>The lines <c>key number</c> of a file.</summary>
    private List<(string Key, ulong Value)> Keys(string controller, string file)
    {
        var keys = new List<(string Key, ulong Value)>();
        foreach (string line in (group.Read(controller, file) ?? "").Split('\n'))
        {
            int space = line.IndexOf(' ');
            if (space > 0 && Parse(line.AsSpan(space + 1)) is { } value) keys.Add((line[..space], value));
        }
        return keys;
    }

    /// <summary>Pressure stall information: how long tasks waited. Version 2 alone has it for a group.</summary>
    /// <remarks>https://docs.kernel.org/accounting/psi.html</remarks>
    private void WritePressure(string file)
    {
        if (group.Read("cgroup", file) is not { Length: > 0 } text) return;
        json.WriteStartObject("psi");
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ');
            json.WriteStartObject(words[0]);
            for (int i = 1; i < words.Length; i++)
            {
                string[] pair = words[i].Split('=');
                if (pair.Length == 2 && double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                    json.WriteNumber(pair[0], value);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
