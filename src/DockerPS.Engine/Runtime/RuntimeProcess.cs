using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Runtime;

/// <summary>
/// A spawned <c>dockerps-runtime</c> and its message channel (see <see cref="RuntimeMessageKind"/>). Reading blocks the calling
/// thread: the first message comes after milliseconds, and who reads longer does so on a thread of its own.
/// </summary>
internal sealed class RuntimeProcess : IDisposable
{
    private readonly Process _process;
    private readonly Stream _output;
    private readonly byte[] _header = new byte[RuntimeMessages.HeaderLength];
    private byte[] _payload = new byte[4096];

    private RuntimeProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.BaseStream;
        Input = process.StandardInput.BaseStream;
    }

    /// <summary>Its standard input.</summary>
    public Stream Input { get; }

    public int Id => _process.Id;

    /// <exception cref="DockerEnvironmentException">RuntimeMissing.</exception>
    public static RuntimeProcess Start(string path, params ReadOnlySpan<string> arguments)
    {
        // All three are pipes: a supervisor outlives this process and must hold neither its terminal nor the pipe of its caller.
        var start = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            return new RuntimeProcess(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new DockerEnvironmentException(
                "RuntimeMissing",
                $"'{path}' cannot be started: {e.Message}. Build or install the module again; it carries this executable for its machine.",
                path,
                e);
        }
    }

    /// <summary>The next message; the payload is valid until the next call. Null at the end of the channel.</summary>
    /// <exception cref="InvalidDataException">The channel carries something else, or ends within a message.</exception>
    public RuntimeMessage? Read()
    {
        int read = _output.ReadAtLeast(_header, _header.Length, throwOnEndOfStream: false);
        if (read == 0) return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(1));
        if (read < _header.Length || length is < 0 or > RuntimeMessages.MaxPayload)
            throw new InvalidDataException("The message channel of dockerps-runtime carries something that is not a message.");
        if (_payload.Length < length) _payload = new byte[Math.Max(length, _payload.Length * 4)];
        _output.ReadExactly(_payload, 0, length);
        return new RuntimeMessage((RuntimeMessageKind)_header[0], _payload.AsMemory(0, length));
    }

    /// <summary>Writes a 32-bit length and the JSON, as <c>execute</c> takes its request.</summary>
    public void WriteRequest(ExecuteRequest request)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(request, BundleJson.Default.ExecuteRequest);
        var framed = new byte[json.Length + 4];
        BinaryPrimitives.WriteInt32LittleEndian(framed, json.Length);
        json.CopyTo(framed, 4);
        try
        {
            Input.Write(framed);
            Input.Flush();
        }
        catch (IOException)
        {
            // It ended before reading; the message channel says why.
        }
    }

    /// <summary>All that a verb prints which speaks plain text.</summary>
    public static string Text(string path, params ReadOnlySpan<string> arguments)
    {
        using RuntimeProcess process = Start(path, arguments);
        return process._process.StandardOutput.ReadToEnd();
    }

    /// <summary>What it wrote on standard error, for a failure that no message tells. To be called after the channel ended.</summary>
    public string Complaint()
    {
        string text = _process.StandardError.ReadToEnd().Trim();
        return text.Length > 0 ? text : "It ended without saying why.";
    }

    /// <summary>Waits for its end and returns its exit code.</summary>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Closes both channels. The process sees that nobody reads any more, and goes on or ends as its verb says.</summary>
    public void Disconnect()
    {
        Close(Input);
        Close(_output);
        Close(_process.StandardError.BaseStream);
    }

    /// <summary>
    /// Asks it to end (SIGTERM). .NET can only kill, and a killed <c>execute</c> could not take its command with it; nor can the channel
    /// be closed while a thread reads from it. It needs no privilege: the process is a child of this one.
    /// </summary>
    public void Terminate() => _ = SendSignal(_process.Id, Containers.Signals.Terminate);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int pid, int signal);

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public void Dispose()
    {
        Disconnect();
        _process.Dispose();
    }

    private static void Close(Stream stream)
    {
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // The other end is gone.
        }
    }
}

/// <summary>A message of the channel.</summary>
internal readonly record struct RuntimeMessage(RuntimeMessageKind Kind, ReadOnlyMemory<byte> Payload)
{
    public RuntimeFailure Failure() => JsonSerializer.Deserialize(Payload.Span, BundleJson.Default.RuntimeFailure)!;

    public StartedMessage Started() => JsonSerializer.Deserialize(Payload.Span, BundleJson.Default.StartedMessage)!;

    public ExitedMessage Exited() => JsonSerializer.Deserialize(Payload.Span, BundleJson.Default.ExitedMessage)!;

    /// <summary>Level and text of a log message.</summary>
    public (Microsoft.Extensions.Logging.LogLevel Level, string Text) Log() => Payload.Length == 0
        ? (Microsoft.Extensions.Logging.LogLevel.None, "")
        : ((Microsoft.Extensions.Logging.LogLevel)Math.Min(Payload.Span[0], (byte)6), Encoding.UTF8.GetString(Payload.Span[1..]));
}
