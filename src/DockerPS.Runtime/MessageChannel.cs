using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime;

/// <summary>
/// Writes the frames of <see cref="RuntimeMessageKind"/> to standard output, whole and in order, from any thread.
/// A reader that went away is remembered in <see cref="Broken"/> and never thrown: whoever writes has things to undo first.
/// </summary>
internal sealed unsafe class MessageChannel
{
    private readonly Lock _lock = new();
    private readonly int _descriptor;
    private volatile bool _broken;

    /// <summary>Ignores SIGPIPE for the whole process: who executes another program afterwards has to restore it.</summary>
    public MessageChannel(int descriptor = 1)
    {
        _descriptor = descriptor;
        LibC.IgnoreSignal(LibC.SIGPIPE);
    }

    /// <summary>Nobody reads any more; what is written from now on goes nowhere.</summary>
    public bool Broken => _broken;

    public void Started(int pid)
    {
        // Formatted by hand: on the way to a container's start the serialiser would cost more than the message.
        Span<byte> json = stackalloc byte[32];
        "{\"pid\":"u8.CopyTo(json);
        Utf8Formatter.TryFormat(pid, json[7..], out int digits);
        json[7 + digits] = (byte)'}';
        Write(RuntimeMessageKind.Started, json[..(8 + digits)]);
    }

    public void Failed(RuntimeFailure failure) =>
        Write(RuntimeMessageKind.Failed, JsonSerializer.SerializeToUtf8Bytes(failure, BundleJson.Default.RuntimeFailure));

    /// <summary>Bytes of <see cref="RuntimeMessageKind.StdOut"/> or <see cref="RuntimeMessageKind.StdErr"/>.</summary>
    public void Output(RuntimeMessageKind kind, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > RuntimeMessages.MaxPayload)
        {
            Write(kind, bytes[..RuntimeMessages.MaxPayload]);
            bytes = bytes[RuntimeMessages.MaxPayload..];
        }
        if (!bytes.IsEmpty) Write(kind, bytes);
    }

    public void Exited(int exitCode, bool oomKilled)
    {
        Span<byte> json = stackalloc byte[64];
        "{\"exitCode\":"u8.CopyTo(json);
        Utf8Formatter.TryFormat(exitCode, json[12..], out int digits);
        ReadOnlySpan<byte> rest = oomKilled ? ",\"oomKilled\":true}"u8 : ",\"oomKilled\":false}"u8;
        rest.CopyTo(json[(12 + digits)..]);
        Write(RuntimeMessageKind.Exited, json[..(12 + digits + rest.Length)]);
    }

    /// <summary>Input bytes processed so far.</summary>
    public void Progress(long bytes)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(payload, bytes);
        Write(RuntimeMessageKind.Progress, payload);
    }

    /// <summary>The result of a verb as JSON in UTF-8.</summary>
    public void Result(ReadOnlySpan<byte> json) => Write(RuntimeMessageKind.Result, json);

    /// <summary>Some of the things that a verb tells of, as a JSON list in UTF-8.</summary>
    public void Items(ReadOnlySpan<byte> json) => Write(RuntimeMessageKind.Items, json);

    /// <summary>A line for the engine's log; <paramref name="level"/> is Microsoft.Extensions.Logging's number (2 information, 3 warning).</summary>
    public void Log(byte level, string text)
    {
        var payload = new byte[1 + Encoding.UTF8.GetMaxByteCount(Math.Min(text.Length, 8192))];
        payload[0] = level;
        int length = Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, 8192)), payload.AsSpan(1));
        Write(RuntimeMessageKind.Log, payload.AsSpan(0, 1 + length));
    }

    private void Write(RuntimeMessageKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[RuntimeMessages.HeaderLength];
        RuntimeMessages.WriteHeader(header, kind, payload.Length);
        lock (_lock)
        {
            fixed (byte* head = header, body = payload)
            {
                LibC.iovec* parts = stackalloc LibC.iovec[2];
                parts[0] = new LibC.iovec { Base = head, Length = (nuint)header.Length };
                parts[1] = new LibC.iovec { Base = body, Length = (nuint)payload.Length };
                WriteAll(parts);
            }
        }
    }

    private void WriteAll(LibC.iovec* parts)
    {
        while (!_broken && parts[0].Length + parts[1].Length > 0)
        {
            nint written = LibC.writev(_descriptor, parts, 2);
            if (written < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR) continue;
                if (errno == Errno.EAGAIN) LibC.AwaitWritable(_descriptor);
                else _broken = true;
                continue;
            }
            for (int i = 0; i < 2; i++)
            {
                nuint taken = Math.Min((nuint)written, parts[i].Length);
                parts[i].Base += taken;
                parts[i].Length -= taken;
                written -= (nint)taken;
            }
        }
    }
}
