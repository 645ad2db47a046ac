using System.Buffers.Binary;
using System.Text;

namespace DockerPS.Linux.DBus;

/// <summary>Marshals values as D-Bus has them on the wire, little-endian, each aligned from the message's beginning.</summary>
/// <remarks>https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-marshaling</remarks>
internal sealed class DBusWriter
{
    private byte[] _buffer = new byte[512];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Align(int size)
    {
        int padding = (size - (Length % size)) % size;
        Take(padding).Clear();
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Int32(int value)
    {
        Align(4);
        BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);
    }

    public void UInt32(uint value)
    {
        Align(4);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    public void UInt64(ulong value)
    {
        Align(8);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    /// <summary>A string or an object path.</summary>
    public void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        UInt32((uint)length);
        Encoding.UTF8.GetBytes(value, Take(length));
        Byte(0);
    }

    public void Signature(string value)
    {
        Byte((byte)value.Length);
        Encoding.ASCII.GetBytes(value, Take(value.Length));
        Byte(0);
    }

    /// <summary>An array: its length in bytes stands in front, without the padding before the first element.</summary>
    public void Array<T>(IReadOnlyCollection<T> items, int alignment, Action<T> write)
    {
        UInt32(0);
        int lengthAt = Length - 4;
        Align(alignment);
        int start = Length;
        foreach (T item in items) write(item);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(lengthAt), (uint)(Length - start));
    }

    /// <summary>A variant: signature and value.</summary>
    public void Variant(DBusVariant variant)
    {
        Signature(variant.Signature);
        Value(variant.Signature, variant.Value);
    }

    /// <summary>Overwrites a number at a place in the message.</summary>
    public void Patch(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(at), value);

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private void Value(string signature, object value)
    {
        switch (signature)
        {
            case "b": UInt32((bool)value ? 1u : 0u); break;
            case "y": Byte((byte)value); break;
            case "n": Short((ushort)(short)value); break;
            case "q": Short((ushort)value); break;
            case "i": Int32((int)value); break;
            case "u": UInt32((uint)value); break;
            case "x": UInt64((ulong)(long)value); break;
            case "t": UInt64((ulong)value); break;
            case "d": UInt64(BitConverter.DoubleToUInt64Bits((double)value)); break;
            case "s" or "o": Text((string)value); break;
            case "a(ss)":
                Array((IReadOnlyCollection<(string, string)>)value, 8, pair =>
                {
                    Align(8);
                    Text(pair.Item1);
                    Text(pair.Item2);
                });
                break;
            default:
                if (signature[0] != 'a') throw new NotSupportedException($"D-Bus type {signature}");
                string element = signature[1..];
                Array((IReadOnlyCollection<object>)value, AlignmentOf(element), item => Value(element, item));
                break;
        }
    }

    private static int AlignmentOf(string signature) => signature[0] switch
    {
        'y' or 'g' or 'v' => 1,
        'n' or 'q' => 2,
        'x' or 't' or 'd' or '(' or '{' => 8,
        _ => 4,
    };

    private void Short(ushort value)
    {
        Align(2);
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _buffer.Length) System.Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }
}
