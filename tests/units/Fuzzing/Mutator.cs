using System.Text;
using System.Text.Json.Nodes;

namespace DockerPS.Units.Fuzzing;

/// <summary>Makes hostile inputs out of good ones: of bytes, and of JSON whose shape is right and whose values are not.</summary>
internal sealed class Mutator(int seed, params byte[][] good)
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "-0", "1.5", "1e400", "4294967295", "4294967296", "-9223372036854775808", "18446744073709551615",
        "18446744073709551616", "\"\"", "\"a\"", "\"/\"", "\"..\"", "\"a/../b\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\\u001b[2J\"",
        "\"é\"", "\"0-4294967295\"", "\",\"", "\"1.2.3-\"", "[]", "{}", "[null]", "[[]]", "[\"\"]", "[0,0]", "{\"\":\"\"}", "{\"a\":null}",
        "{\"a\":{}}", "{\"\\ud800\":{}}", "{\"a\\u0000\":\"\"}",
    ];

    private static readonly string[] Tokens = ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "//", "/*", "1e99999", "\u0001"];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        byte[] from = good[_random.Next(good.Length)];
        return _random.Next(4) switch
        {
            0 => Bytes(from),
            1 => Structure(from, edits: 1),
            2 => Structure(from, edits: 1 + _random.Next(4)),
            _ => Bytes(Structure(from, edits: 1)),
        };
    }

    /// <summary>Changes that know nothing of JSON.</summary>
    public byte[] Bytes(byte[] from)
    {
        var bytes = new List<byte>(from);
        for (int edits = 1 + _random.Next(3); edits > 0; edits--)
        {
            int at = _random.Next(bytes.Count + 1);
            switch (_random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)_random.Next(256));
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 64), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(_random.Next(1, 256), bytes.Count - at)));
                    break;
                case 5:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[_random.Next(Tokens.Length)]));
                    break;
                case 6 when _random.Next(16) == 0:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)(_random.Next(2) == 0 ? '[' : '{'), _random.Next(4096)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Another value, a member less, or a member of another name at some places of the document.</summary>
    private byte[] Structure(byte[] from, int edits)
    {
        JsonNode root = JsonNode.Parse(from)!;
        for (int i = 0; i < edits; i++)
        {
            List<JsonNode> places = Places(root);
            if (places.Count == 0) break;
            JsonNode place = places[_random.Next(places.Count)];
            if (place.Parent is JsonObject owner && _random.Next(8) == 0) owner.Remove(place.GetPropertyName());
            else if (place.Parent is JsonObject renamed && _random.Next(8) == 0) Rename(renamed, place);
            else place.ReplaceWith("@@");
        }

        // A mark took the place of each value, so that also what the parser would not take can stand there.
        string[] parts = root.ToJsonString().Split("\"@@\"");
        var text = new StringBuilder(parts[0]);
        foreach (string part in parts.AsSpan(1)) text.Append(_random.Next(6) == 0 ? Deep() : Values[_random.Next(Values.Length)]).Append(part);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Rename(JsonObject owner, JsonNode place)
    {
        string name = place.GetPropertyName();
        owner.Remove(name);
        owner[_random.Next(2) == 0 ? name + "X" : ""] = place.DeepClone();
    }

    private string Deep()
    {
        int depth = 1 << _random.Next(12);
        return string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));
    }

    private static List<JsonNode> Places(JsonNode root)
    {
        var places = new List<JsonNode>();
        var open = new Stack<JsonNode>([root]);
        while (open.TryPop(out JsonNode? node))
        {
            if (node.Parent is not null) places.Add(node);
            IEnumerable<JsonNode?> children = node is JsonObject members ? members.Select(m => m.Value) : node as JsonArray ?? Enumerable.Empty<JsonNode?>();
            foreach (JsonNode? child in children)
            {
                if (child is not null) open.Push(child);
            }
        }

        return places;
    }
}
