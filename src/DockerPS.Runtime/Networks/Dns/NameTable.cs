using System.Net;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>The names of one network. What was read is kept until its directory changes.</summary>
internal sealed class NameTable(string network, string directory)
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(50);

    private DateTime _changed;
    private Dictionary<string, List<NameRecord>> _byName = [];
    private Dictionary<IPAddress, NameRecord> _byAddress = [];

    /// <summary>Records of a name, <c>web</c> or <c>web.network</c>; empty when nobody is called so.</summary>
    public IEnumerable<NameRecord> Find(string name)
    {
        Refresh();
        if (_byName.TryGetValue(name, out List<NameRecord>? records)) return records.Where(r => r.IsAlive);
        int dot = name.LastIndexOf('.');
        return dot > 0 && name.AsSpan(dot + 1).Equals(network, StringComparison.OrdinalIgnoreCase)
            && _byName.TryGetValue(name[..dot], out records) ? records.Where(r => r.IsAlive) : [];
    }

    /// <summary>The name of an address, <c>web.network</c>.</summary>
    public string? Find(IPAddress address)
    {
        Refresh();
        return _byAddress.TryGetValue(address, out NameRecord? record) && record.IsAlive ? $"{record.Names[0]}.{network}" : null;
    }

    private void Refresh()
    {
        DateTime changed = Directory.GetLastWriteTimeUtc(directory);
        if (changed == _changed) return;
        // Times are as coarse as the kernel's clock ticks: what changed just now may change again and look the same.
        _changed = DateTime.UtcNow - changed > Settled ? changed : default;
        _byName = [];
        _byAddress = [];
        if (!Directory.Exists(directory)) return;
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            // One that is being written has another ending.
            if (file.EndsWith(".new", StringComparison.Ordinal) || NameRecord.Read(file) is not { Names.Length: > 0 } record) continue;
            foreach (string name in record.Names)
            {
                if (!_byName.TryGetValue(name.ToLowerInvariant(), out List<NameRecord>? same)) _byName[name.ToLowerInvariant()] = same = [];
                same.Add(record);
            }

            foreach (IPAddress address in record.Addresses) _byAddress[address] = record;
        }
    }
}
