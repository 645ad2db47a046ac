using System.Text.Json;

namespace DockerPS.Engine.Logs;

/// <summary>One line of log.jsonl: a line of output, or a part of one when <see cref="Partial"/>.</summary>
internal readonly record struct LogLine(DateTimeOffset Time, ContainerStream Stream, string Text, bool Partial)
{
    /// <summary>Reads <c>{"log":"text\n","stream":"stdout","time":"…"}</c>; false for what is no such line (torn by a crash).</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out LogLine line)
    {
        line = default;
        string? text = null;
        ContainerStream? stream = null;
        DateTimeOffset time = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.ValueTextEquals("log"u8))
                {
                    reader.Read();
                    text = reader.GetString();
                }
                else if (reader.ValueTextEquals("stream"u8))
                {
                    reader.Read();
                    stream = reader.ValueTextEquals("stderr"u8) ? ContainerStream.StdErr : ContainerStream.StdOut;
                }
                else if (reader.ValueTextEquals("time"u8))
                {
                    reader.Read();
                    if (!reader.TryGetDateTimeOffset(out time)) return false;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        if (text is null || stream is null) return false;
        bool whole = text.EndsWith('\n');
        line = new LogLine(time, stream.Value, whole ? text[..^1] : text, !whole);
        return true;
    }
}
