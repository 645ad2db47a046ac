using System.Buffers.Binary;
using System.Text;

namespace DockerPS.Linux.DBus;

/// <summary>Takes values out of a message's body, in their order.</summary>
internal ref struct DBusReader(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;

    public bool AtEnd => _at >= _body.Length;

    public void Align(int size) => _at = (_at + size - 1) / size * size;

    public byte Byte() => Take(1)[0];

    public uint UInt32()
    {
        Align(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    /// <summary>A string or an object path.</summary>
    public string Text()
    {
        string text = Encoding.UTF8.GetString(Take(Count(UInt32())));
        Take(1);
        return text;
    }

    public string Signature()
    {
        string text = Encoding.ASCII.GetString(Take(Byte()));
        Take(1);
        return text;
    }

    private static int Count(uint length) => length <= DBusConnection.MessageLimit ? (int)length : throw Malformed();

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _body.Length - _at) throw Malformed();
        _at += count;
        return _body.Slice(_at - count, count);
    }

    private static DBusException Malformed() => new("org.freedesktop.DBus.Error.InvalidArgs", "a message ends within a value");
}
