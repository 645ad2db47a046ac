using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerPS.Linux;

namespace DockerPS.Runtime.Commands;

/// <summary>
/// What OCI verbs say of themselves. Lines of the file have the form that containerd, dockerd and podman read: JSON objects with level,
/// msg and time (RFC 3339), or the same as text.
/// </summary>
internal sealed class RuntimeLog(string? path, bool json, bool debug)
{
    public void Debug(string message)
    {
        if (debug) Append("debug", message, alsoStandardError: path is null);
    }

    /// <summary>Something went wrong that does not stop the verb.</summary>
    public void Warning(string message) => Append("warning", message, alsoStandardError: path is null);

    /// <summary>Why the verb fails: into the file and, as one line, to standard error.</summary>
    public void Error(string message) => Append("error", message, alsoStandardError: true);

    private void Append(string level, string message, bool alsoStandardError)
    {
        if (alsoStandardError) Console.Error.WriteLine(message);
        if (path is null) return;
        byte[] line = json ? Json(level, message) : Text(level, message);
        int file = LibC.open(path, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND | LibC.O_CLOEXEC, 0x1A4 /* 0644 */);
        if (file < 0) return;
        _ = LibC.TryWrite(file, line);
        LibC.Close(ref file);
    }

    private static byte[] Json(string level, string message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("level", level);
            writer.WriteString("msg", message);
            writer.WriteString("time", Now());
            writer.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static byte[] Text(string level, string message)
    {
        string quoted = message.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes($"time=\"{Now()}\" level={level} msg=\"{quoted}\"\n");
    }

    private static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
