using System.Buffers.Binary;
using System.Text;

namespace DockerPS.Oci.Elf;

/// <summary>What an ELF file says about how it is loaded: interpreter, needed libraries and where to look for them.</summary>
public sealed class ElfFile
{
    private const uint LoadSegment = 1;
    private const uint DynamicSegment = 2;
    private const uint InterpreterSegment = 3;
    private const int MaxText = 4096;
    private const int MaxSegments = 256;
    private const int MaxDynamicBytes = 1 << 20;

    private ElfFile(byte elfClass, ushort machine) => (Class, Machine) = (elfClass, machine);

    /// <summary>1 for 32 bits, 2 for 64.</summary>
    public byte Class { get; }

    /// <summary>e_machine: 62 x86-64, 183 AArch64 …</summary>
    public ushort Machine { get; }

    /// <summary>PT_INTERP, or null for static executables and libraries.</summary>
    public string? Interpreter { get; private set; }

    /// <summary>DT_NEEDED, in order.</summary>
    public IReadOnlyList<string> Needed { get; private set; } = [];

    /// <summary>DT_RPATH, for this file and what it loads; ignored by the loader when there is a RUNPATH.</summary>
    public IReadOnlyList<string> RPath { get; private set; } = [];

    /// <summary>DT_RUNPATH, for this file's own libraries.</summary>
    public IReadOnlyList<string> RunPath { get; private set; } = [];

    /// <summary>Reads a seekable file, or returns null when it is not ELF or has no readable headers.</summary>
    public static ElfFile? Read(Stream file)
    {
        try
        {
            return ReadHeaders(file);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    private static ElfFile? ReadHeaders(Stream file)
    {
        byte[] header = ReadAt(file, 0, 64);
        if (!header.AsSpan().StartsWith("\u007fELF"u8) || header[4] is not (1 or 2)) return null;
        var reader = new Fields(header[4] == 2, header[5] == 2);
        var elf = new ElfFile(header[4], reader.U16(header, 18));
        long table = checked((long)reader.Word(header, reader.Wide ? 32 : 28));
        int size = reader.U16(header, reader.Wide ? 54 : 42);
        int count = Math.Min((int)reader.U16(header, reader.Wide ? 56 : 44), MaxSegments);
        byte[] segments = ReadAt(file, table, size * count);
        var loads = new List<(ulong Address, ulong Offset, ulong Length)>();
        byte[]? dynamic = null;
        for (int i = 0; i < count; i++)
        {
            byte[] segment = segments[(i * size)..((i + 1) * size)];
            ulong offset = reader.Word(segment, reader.Wide ? 8 : 4);
            ulong address = reader.Word(segment, reader.Wide ? 16 : 8);
            ulong length = reader.Word(segment, reader.Wide ? 32 : 16);
            switch (reader.U32(segment, 0))
            {
                case LoadSegment:
                    loads.Add((address, offset, length));
                    break;
                case DynamicSegment when length <= MaxDynamicBytes:
                    dynamic = ReadAt(file, checked((long)offset), (int)length);
                    break;
                case InterpreterSegment when length is > 0 and <= MaxText:
                    elf.Interpreter = Encoding.UTF8.GetString(ReadAt(file, checked((long)offset), (int)length)).TrimEnd('\0');
                    break;
            }
        }

        if (dynamic is not null) elf.ReadDynamic(file, dynamic, loads, reader);
        return elf;
    }

    private void ReadDynamic(Stream file, byte[] dynamic, List<(ulong Address, ulong Offset, ulong Length)> loads, Fields reader)
    {
        var entries = new List<(ulong Tag, ulong Value)>();
        int word = reader.Wide ? 8 : 4;
        for (int i = 0; i + (2 * word) <= dynamic.Length; i += 2 * word)
        {
            ulong tag = reader.Word(dynamic, i);
            if (tag == 0) break;
            entries.Add((tag, reader.Word(dynamic, i + word)));
        }

        ulong strings = entries.FirstOrDefault(e => e.Tag == 5).Value;
        (ulong Address, ulong Offset, ulong Length) load = loads.FirstOrDefault(l => strings >= l.Address && strings - l.Address < l.Length);
        if (load.Length == 0) return;
        long table = checked((long)(strings - load.Address + load.Offset));
        List<string> Texts(ulong tag) => [.. entries.Where(e => e.Tag == tag).Select(e => ReadText(file, checked(table + (long)e.Value)))];
        Needed = Texts(1);
        RPath = [.. Texts(15).SelectMany(Paths)];
        RunPath = [.. Texts(29).SelectMany(Paths)];
    }

    private static string[] Paths(string text) => text.Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static string ReadText(Stream file, long offset)
    {
        file.Position = offset;
        var text = new byte[MaxText];
        int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        int end = Array.IndexOf(text, (byte)0, 0, length);
        return Encoding.UTF8.GetString(text, 0, end < 0 ? length : end);
    }

    private static byte[] ReadAt(Stream file, long offset, int length)
    {
        file.Position = offset;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Numbers of either class and byte order.</summary>
    private readonly record struct Fields(bool Wide, bool BigEndian)
    {
        public ushort U16(byte[] b, int at) =>
            BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(b.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));

        public uint U32(byte[] b, int at) =>
            BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(b.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));

        public ulong Word(byte[] b, int at) => !Wide ? U32(b, at)
            : BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(b.AsSpan(at)) : BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(at));
    }
}
