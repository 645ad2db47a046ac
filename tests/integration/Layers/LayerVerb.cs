using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Oci.Bundle;

namespace DockerPS.Integration.Layers;

/// <summary>Runs a verb of dockerps-runtime as the engine does.</summary>
internal sealed partial class LayerVerb
{
    public required int ExitCode { get; init; }
    public required List<(RuntimeMessageKind Kind, byte[] Payload)> Messages { get; init; }

    public RuntimeFailure Failure => JsonSerializer.Deserialize(
        Messages.Single(m => m.Kind == RuntimeMessageKind.Failed).Payload, BundleJson.Default.RuntimeFailure)!;

    public T Result<T>(JsonTypeInfo<T> type) => Messages[^1] is (RuntimeMessageKind.Result, var json)
        ? JsonSerializer.Deserialize(json, type)!
        : throw new InvalidOperationException(Failure.Text);

    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(RuntimeExecutable.Path, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    public static LayerVerb Run<T>(string verb, T request, JsonTypeInfo<T> type)
    {
        using Process process = Start(verb);
        using (Stream input = process.StandardInput.BaseStream) JsonSerializer.Serialize(input, request, type);
        return Finish(process);
    }

    public static LayerVerb Extract(LayerRequest request) => Run("extract-layer", request, BundleJson.Default.LayerRequest);

    public static LayerVerb Finish(Process process)
    {
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        ReadOnlySpan<byte> rest = output.ToArray();
        var messages = new List<(RuntimeMessageKind, byte[])>();
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest[1..]);
            messages.Add(((RuntimeMessageKind)rest[0], rest.Slice(5, length).ToArray()));
            rest = rest[(5 + length)..];
        }
        return new LayerVerb { ExitCode = process.ExitCode, Messages = messages };
    }

    /// <summary>What a shell command prints.</summary>
    public static string Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", command]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{command}' ended with {process.ExitCode}.");
    }

    [LibraryImport("libc")]
    public static partial int kill(int process, int signal);
}
