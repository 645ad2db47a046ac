namespace DockerPS.Runtime.Cgroups;

internal sealed partial class StatisticsWriter
{
    private void WriteMemory()
    {
        json.WriteStartObject("memory");
        if (group.DirectoryOf("memory") is not null)
        {
            bool isVersion1 = group.VersionOf("memory") == 1;
            List<(string Key, ulong Value)> counts = Keys("memory", "memory.stat");
            string cache = isVersion1 ? "cache" : "file";
            json.WriteNumber("cache", counts.Find(c => c.Key == cache).Value);
            if (isVersion1) WriteMemory1();
            else WriteMemory2();
            json.WriteStartObject("raw");
            foreach ((string key, ulong value) in counts) json.WriteNumber(key, value);
            json.WriteEndObject();
            WritePressure("memory.pressure");
        }
        json.WriteEndObject();
    }

    private void WriteMemory1()
    {
        WriteEntry("usage", "memory.");
        WriteEntry("swap", "memory.memsw.");
        WriteEntry("kernel", "memory.kmem.");
        WriteEntry("kernelTCP", "memory.kmem.tcp.");
    }

    private void WriteEntry(string name, string prefix)
    {
        json.WriteStartObject(name);
        json.WriteNumber("limit", Parse(group.Read("memory", prefix + "limit_in_bytes")) ?? 0);
        Number("usage", "memory", prefix + "usage_in_bytes");
        Number("max", "memory", prefix + "max_usage_in_bytes");
        json.WriteNumber("failcnt", Parse(group.Read("memory", prefix + "failcnt")) ?? 0);
        json.WriteEndObject();
    }

    private void WriteMemory2()
    {
        ulong usage = Parse(group.Read("memory", "memory.current")) ?? 0;
        ulong limit = Parse(group.Read("memory", "memory.max")) ?? 0;
        json.WriteStartObject("usage");
        json.WriteNumber("limit", limit);
        json.WriteNumber("usage", usage);
        Number("max", "memory", "memory.peak");
        json.WriteNumber("failcnt", Keys("memory", "memory.events").Find(e => e.Key == "max").Value);
        json.WriteEndObject();

        // Readers know it from version 1, where it is memory and swap together.
        ulong swapLimit = Parse(group.Read("memory", "memory.swap.max")) ?? 0;
        json.WriteStartObject("swap");
        json.WriteNumber("limit", swapLimit == ulong.MaxValue || limit == ulong.MaxValue ? ulong.MaxValue : swapLimit + limit);
        json.WriteNumber("usage", usage + (Parse(group.Read("memory", "memory.swap.current")) ?? 0));
        json.WriteNumber("failcnt", Keys("memory", "memory.swap.events").Find(e => e.Key == "max").Value);
        json.WriteEndObject();
        foreach (string name in (ReadOnlySpan<string>)["kernel", "kernelTCP"])
        {
            json.WriteStartObject(name);
            json.WriteNumber("limit", 0);
            json.WriteNumber("failcnt", 0);
            json.WriteEndObject();
        }
    }
}
