using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netlink;

/// <summary>A message of netlink(7): a header, the fixed part of its kind, and attributes, each padded to four bytes.</summary>
internal sealed class NetlinkMessage
{
    private const int HeaderLength = 16;
    private const ushort Nested = 0x8000;
    private readonly List<byte> _bytes = [.. new byte[HeaderLength]];

    /// <param name="type">RTM_…, or NFNL_…: subsystem and message.</param>
    /// <param name="flags">NLM_F_….</param>
    /// <param name="body">struct ifinfomsg, ifaddrmsg, rtmsg or nfgenmsg.</param>
    public NetlinkMessage(ushort type, ushort flags, ReadOnlySpan<byte> body)
    {
        Span<byte> header = CollectionsMarshal.AsSpan(_bytes);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        Append(body);
    }

    public void Attribute(ushort kind, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[4];
        MemoryMarshal.Write(header, (ushort)(4 + value.Length));
        MemoryMarshal.Write(header[2..], kind);
        Append(header);
        Append(value);
    }

    public void Attribute(ushort kind, int value) => Attribute(kind, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>Text with the zero that the kernel wants behind it.</summary>
    public void Attribute(ushort kind, string value) => Attribute(kind, Encoding.UTF8.GetBytes(value + "\0"));

    /// <summary>Begins an attribute that holds others; <see cref="End"/> ends it.</summary>
    /// <param name="kind">Of the outer attribute.</param>
    /// <param name="head">What stands before the inner ones.</param>
    /// <returns>For <see cref="End"/>.</returns>
    public int Begin(ushort kind, ReadOnlySpan<byte> head = default)
    {
        int start = _bytes.Count;
        Attribute((ushort)(kind | Nested), head);
        return start;
    }

    public void End(int start) =>
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes)[start..], (ushort)(_bytes.Count - start));

    public byte[] ToBytes(uint sequence)
    {
        Span<byte> bytes = CollectionsMarshal.AsSpan(_bytes);
        MemoryMarshal.Write(bytes, bytes.Length);
        MemoryMarshal.Write(bytes[8..], sequence);
        return bytes.ToArray();
    }

    /// <summary>The attributes behind the fixed part of an answer's body.</summary>
    public static Dictionary<ushort, byte[]> Attributes(ReadOnlySpan<byte> text)
    {
        var attributes = new Dictionary<ushort, byte[]>();
        while (text.Length >= 4)
        {
            int length = MemoryMarshal.Read<ushort>(text);
            if (length < 4 || length > text.Length) break;
            // The highest bits say nested and byte order.
            attributes[(ushort)(MemoryMarshal.Read<ushort>(text[2..]) & 0x3FFF)] = text[4..length].ToArray();
            text = text[Math.Min(text.Length, (length + 3) & ~3)..];
        }

        return attributes;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        while (_bytes.Count % 4 != 0) _bytes.Add(0);
    }
}
