using System.Globalization;

namespace DockerPS.Runtime.Cgroups;

internal sealed partial class StatisticsWriter
{
    private void WriteBlockIo()
    {
        json.WriteStartObject("blkio");
        if (group.VersionOf("blkio") == 1)
        {
            // BFQ counts what went through it, throttling all.
            WriteTable("ioServiceBytesRecursive", "throttle.io_service_bytes_recursive", "bfq.io_service_bytes_recursive");
            WriteTable("ioServicedRecursive", "throttle.io_serviced_recursive", "bfq.io_serviced_recursive");
            WriteTable("ioQueueRecursive", "io_queued_recursive", "bfq.io_queued_recursive");
            WriteTable("ioServiceTimeRecursive", "io_service_time_recursive", "bfq.io_service_time_recursive");
            WriteTable("ioWaitTimeRecursive", "io_wait_time_recursive", "bfq.io_wait_time_recursive");
            WriteTable("ioMergedRecursive", "io_merged_recursive", "bfq.io_merged_recursive");
            WriteTable("ioTimeRecursive", "time_recursive", "bfq.time_recursive");
            WriteTable("sectorsRecursive", "sectors_recursive", "bfq.sectors_recursive");
        }
        else if (group.Read("io", "io.stat") is { } table)
        {
            WriteColumns("ioServiceBytesRecursive", table, [("Read", "rbytes="), ("Write", "wbytes="), ("Discard", "dbytes=")]);
            WriteColumns("ioServicedRecursive", table, [("Read", "rios="), ("Write", "wios="), ("Discard", "dios=")]);
            WritePressure("io.pressure");
        }
        json.WriteEndObject();
    }

    /// <summary>Version 1: lines <c>8:0 Read 4096</c>, or <c>8:0 4096</c>; the sum over all devices has no device and is left out.</summary>
    private void WriteTable(string name, string file, string otherwise)
    {
        string? table = group.Read("blkio", "blkio." + file) ?? group.Read("blkio", "blkio." + otherwise);
        if (table is null) return;
        json.WriteStartArray(name);
        foreach (string line in table.Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length is 2 or 3 && words[0].Contains(':') && Parse(words[^1]) is { } value)
                WriteDevice(words[0], words.Length == 3 ? words[1] : "", value);
        }
        json.WriteEndArray();
    }

    /// <summary>Version 2: lines <c>8:0 rbytes=4096 wbytes=0 …</c>.</summary>
    private void WriteColumns(string name, string table, ReadOnlySpan<(string Operation, string Key)> columns)
    {
        json.WriteStartArray(name);
        foreach (string line in table.Split('\n'))
        {
            string[] words = line.Split(' ');
            foreach ((string operation, string key) in columns)
            {
                foreach (string word in words)
                {
                    if (word.StartsWith(key, StringComparison.Ordinal) && Parse(word.AsSpan(key.Length)) is { } value)
                        WriteDevice(words[0], operation, value);
                }
            }
        }
        json.WriteEndArray();
    }

    private void WriteDevice(string device, string operation, ulong value)
    {
        string[] numbers = device.Split(':');
        if (numbers.Length != 2 || !uint.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint major)
            || !uint.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint minor))
        {
            return;
        }
        json.WriteStartObject();
        json.WriteNumber("major", major);
        json.WriteNumber("minor", minor);
        if (operation.Length > 0) json.WriteString("op", operation);
        json.WriteNumber("value", value);
        json.WriteEndObject();
    }
}
