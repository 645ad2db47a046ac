using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>The question of a query (RFC 1035, 4.1.2).</summary>
/// <param name="Name">Lower case, without the last dot.</param>
/// <param name="Type">1 A, 12 PTR, 28 AAAA …</param>
/// <param name="End">Where the question ends in the message.</param>
/// <param name="Limit">Bytes that the asker takes in one datagram.</param>
internal readonly record struct DnsQuestion(string Name, ushort Type, int End, int Limit);

/// <summary>Reads questions and writes answers (RFC 1035; the size of datagrams from RFC 6891).</summary>
internal static class DnsMessage
{
    public const ushort A = 1, Ptr = 12, Aaaa = 28;
    public const int NoError = 0, ServerFailure = 2, NameError = 3, Refused = 5, HeaderLength = 12, SmallestLimit = 512;
    private const ushort InternetClass = 1, Opt = 41;
    private const uint TimeToLive = 1;

    /// <summary>The question of a message; null when it is no query with one question of the internet class.</summary>
    public static DnsQuestion? Parse(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderLength || (message[2] & 0xF8) != 0 || Number(message, 4) != 1) return null;
        var name = new StringBuilder();
        int at = HeaderLength;
        while (true)
        {
            if (at >= message.Length) return null;
            int length = message[at++];
            if (length == 0) break;
            if (length > 63 || at + length > message.Length || name.Length > 255) return null;
            if (name.Length > 0) name.Append('.');
            foreach (byte letter in message.Slice(at, length)) name.Append((char)(letter is >= (byte)'A' and <= (byte)'Z' ? letter | 0x20 : letter));
            at += length;
        }

        if (at + 4 > message.Length || Number(message, at + 2) != InternetClass) return null;
        return new DnsQuestion(name.ToString(), Number(message, at), at + 4, Limit(message, at + 4));
    }

    /// <summary>An answer with addresses of the question's type; too long a one is cut, and says so.</summary>
    /// <param name="query">The whole query.</param>
    /// <param name="question">Its question.</param>
    /// <param name="addresses">All of the question's type.</param>
    /// <param name="code">Response code.</param>
    /// <param name="limit">Bytes at most.</param>
    public static byte[] Answer(ReadOnlySpan<byte> query, DnsQuestion question, IReadOnlyList<IPAddress> addresses, int code, int limit)
    {
        int each = 12 + (question.Type == Aaaa ? 16 : 4);
        int fits = Math.Min(addresses.Count, Math.Max(0, (limit - question.End) / each));
        byte[] answer = Begin(query, question, question.End + (fits * each), fits, code);
        if (fits < addresses.Count) answer[2] |= 2;
        for (int i = 0; i < fits; i++)
        {
            Span<byte> record = answer.AsSpan(question.End + (i * each));
            Record(record, question.Type, each - 12);
            addresses[i].TryWriteBytes(record[12..], out _);
        }

        return answer;
    }

    /// <summary>An answer with the name of an address.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> query, DnsQuestion question, string name)
    {
        byte[] encoded = Encode(name);
        byte[] answer = Begin(query, question, question.End + 12 + encoded.Length, 1, NoError);
        Record(answer.AsSpan(question.End), Ptr, encoded.Length);
        encoded.CopyTo(answer, question.End + 12);
        return answer;
    }

    /// <summary>The address that a name of in-addr.arpa or ip6.arpa is about, or null.</summary>
    public static IPAddress? ReverseAddress(string name)
    {
        const string Four = ".in-addr.arpa", Six = ".ip6.arpa";
        if (name.EndsWith(Four, StringComparison.Ordinal))
        {
            string[] parts = name[..^Four.Length].Split('.');
            Array.Reverse(parts);
            return parts.Length == 4 && IPAddress.TryParse(string.Join('.', parts), out IPAddress? four) ? four : null;
        }

        if (!name.EndsWith(Six, StringComparison.Ordinal)) return null;
        string[] digits = name[..^Six.Length].Split('.');
        if (digits.Length != 32 || digits.Any(d => d.Length != 1 || !char.IsAsciiHexDigit(d[0]))) return null;
        Array.Reverse(digits);
        return new IPAddress(Convert.FromHexString(string.Concat(digits)));
    }

    private static byte[] Begin(ReadOnlySpan<byte> query, DnsQuestion question, int length, int answers, int code)
    {
        var answer = new byte[length];
        query[..question.End].CopyTo(answer);
        // Response, authoritative for these names; recursion is there if it was desired.
        answer[2] = (byte)(0x84 | (query[2] & 1));
        answer[3] = (byte)(0x80 | code);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)answers);
        answer.AsSpan(8, 4).Clear();
        return answer;
    }

    private static void Record(Span<byte> record, ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(record, 0xC000 | HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], InternetClass);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], TimeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)length);
    }

    private static byte[] Encode(string name)
    {
        var bytes = new List<byte>();
        foreach (string label in name.Split('.'))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }

    /// <summary>The size in an OPT record behind a question, which is all that queries have there.</summary>
    private static int Limit(ReadOnlySpan<byte> message, int at)
    {
        bool hasOpt = Number(message, 6) == 0 && Number(message, 8) == 0 && Number(message, 10) > 0
            && at + 11 <= message.Length && message[at] == 0 && Number(message, at + 1) == Opt;
        return hasOpt ? Math.Clamp((int)Number(message, at + 3), SmallestLimit, 4096) : SmallestLimit;
    }

    private static ushort Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
