using System.Diagnostics;
using System.Text;
using DockerPS.Oci.Layers;

namespace DockerPS.Units.Layers;

/// <summary>Makes archives block by block, and reads them back as lines.</summary>
internal static class TarBytes
{
    public static byte[] Header(
        string name, char type = '0', long size = 0, string link = "", int mode = 0x1A4, string magic = "ustar\000", Action<byte[]>? change = null)
    {
        var block = new byte[512];
        Encoding.Latin1.GetBytes(name).CopyTo(block, 0);
        Octal(block, 100, 8, mode);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, size);
        Octal(block, 136, 12, 1_000_000_000);
        block[156] = (byte)type;
        Encoding.Latin1.GetBytes(link).CopyTo(block, 157);
        Encoding.Latin1.GetBytes(magic).CopyTo(block, 257);
        change?.Invoke(block);
        block.AsSpan(148, 8).Fill((byte)' ');
        Octal(block, 148, 7, block.Sum(b => b));
        return block;
    }

    public static void Octal(byte[] block, int offset, int length, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(length - 1, '0')).CopyTo(block, offset);

    public static byte[] Content(string text) => Content(Encoding.Latin1.GetBytes(text));

    public static byte[] Content(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 511]];

    public static byte[] Pax(params (string Key, string Value)[] records) => Pax('x', records);

    public static byte[] Pax(char type, params (string Key, string Value)[] records)
    {
        var all = new StringBuilder();
        foreach ((string key, string value) in records)
        {
            int length = key.Length + value.Length + 4;
            while (length != $"{length} {key}={value}\n".Length) length++;
            all.Append($"{length} {key}={value}\n");
        }
        return [.. Header("PaxHeaders/x", type, all.Length), .. Content(all.ToString())];
    }

    public static byte[] Archive(params byte[][] parts) => [.. parts.SelectMany(p => p), .. new byte[1024]];

    /// <summary>One line an entry: kind, name, link target, sizes and the text of its content.</summary>
    public static List<string> Read(byte[] archive, long maxBytes = long.MaxValue, long maxEntries = long.MaxValue, int buffer = 700)
    {
        var reader = new TarReader(new StreamTarInput(new MemoryStream(archive), buffer), maxBytes, maxEntries);
        var lines = new List<string>();
        while (reader.Read())
        {
            TarEntry entry = reader.Entry;
            string line = $"{entry.Kind} {Encoding.Latin1.GetString(entry.Name)}";
            if (entry.LinkTarget.Length > 0) line += $" -> {Encoding.Latin1.GetString(entry.LinkTarget)}";
            if (entry.IsSparse) line += $" sparse {entry.Size} [{string.Join(' ', entry.SparseParts.Select(p => $"{p.Offset}+{p.Length}"))}]";
            for (int i = 0; i < entry.XattrCount; i++)
                line += $" {Encoding.Latin1.GetString(entry.XattrName(i))}={Encoding.Latin1.GetString(entry.XattrValue(i))}";
            var content = new StringBuilder();
            while (!reader.PeekContent().IsEmpty)
            {
                content.Append(Encoding.Latin1.GetString(reader.PeekContent()));
                reader.AdvanceContent(reader.PeekContent().Length);
            }
            lines.Add(content.Length is > 0 and < 100 ? $"{line} '{content}'" : line);
        }
        return lines;
    }

    /// <summary>What a program made by a shell command in an empty directory prints; null where the program is missing.</summary>
    public static byte[]? Sh(string command)
    {
        string directory = Directory.CreateTempSubdirectory("dockerps-tar-").FullName;
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", command])
            {
                WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            var output = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(output);
            process.WaitForExit();
            _ = errors.Result;
            return process.ExitCode == 127 ? null
                : process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"{command}: {errors.Result}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
