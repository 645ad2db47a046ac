namespace DockerPS.Linux.DBus;

/// <summary>What the first byte-sized field of a message says it is.</summary>
internal enum DBusMessageType : byte
{
    Call = 1,
    Return = 2,
    Error = 3,
    Signal = 4,
}

/// <summary>A message that came: those of its header's fields that we look at, and its body.</summary>
internal sealed class DBusMessage
{
    public required DBusMessageType Type { get; init; }
    public uint ReplyTo { get; private set; }
    public string? Member { get; private set; }
    public string? ErrorName { get; private set; }
    public string Signature { get; private set; } = "";
    public required byte[] Body { get; init; }

    /// <summary>Reads the array of header fields: a code, and a variant of one of four types.</summary>
    public void ReadFields(ReadOnlySpan<byte> fields)
    {
        var reader = new DBusReader(fields);
        while (!reader.AtEnd)
        {
            reader.Align(8);
            if (reader.AtEnd) return;
            byte code = reader.Byte();
            string type = reader.Signature();
            string text = "";
            uint number = 0;
            if (type == "u") number = reader.UInt32();
            else text = type == "g" ? reader.Signature() : reader.Text();
            switch (code)
            {
                case 3: Member = text; break;
                case 4: ErrorName = text; break;
                case 5: ReplyTo = number; break;
                case 8: Signature = text; break;
            }
        }
    }
}
