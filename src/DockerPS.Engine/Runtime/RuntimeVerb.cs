using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Engine.Store;
using DockerPS.Oci.Bundle;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Runtime;

/// <summary>
/// Runs a verb of <c>dockerps-runtime</c> that is not a process of a container: the request as JSON on its standard input, messages
/// back on its standard output. Cancelling kills it.
/// </summary>
internal sealed partial class RuntimeVerb(string executable, ILogger logger)
{
    private const int MaxErrorText = 4096;

    /// <summary>Unpacks a layer into a new directory; on failure nothing of it is left.</summary>
    /// <param name="request">The layer.</param>
    /// <param name="growing">Its blob when that is still being written, else null.</param>
    /// <param name="progress">Called with the bytes of the blob done.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    public Task<LayerResult> ExtractLayerAsync(
        LayerRequest request, GrowingBlob? growing, Action<long>? progress, CancellationToken cancellationToken)
    {
        ReadOnlySpan<string> arguments = growing is null ? ["extract-layer"] : ["extract-layer", "--follow"];
        return RunAsync(
            Start(arguments, cancellationToken), request, growing, BundleJson.Default.LayerRequest, BundleJson.Default.LayerResult, progress, cancellationToken);
    }

    /// <summary>Writes a deterministic tar.</summary>
    public Task<ArchiveResult> ArchiveAsync(ArchiveRequest request, Action<long>? progress, CancellationToken cancellationToken) =>
        RunAsync(Start(["archive"], cancellationToken), request, null, BundleJson.Default.ArchiveRequest, BundleJson.Default.ArchiveResult, progress, cancellationToken);

    /// <summary>Copies a directory into a new one; on failure nothing of it is left.</summary>
    public Task<CopyTreeResult> CopyTreeAsync(CopyTreeRequest request, Action<long>? progress, CancellationToken cancellationToken) =>
        RunAsync(Start(["copy-tree"], cancellationToken), request, null, BundleJson.Default.CopyTreeRequest, BundleJson.Default.CopyTreeResult, progress, cancellationToken);

    /// <summary>What a directory takes on the disk.</summary>
    public Task<TreeSize> MeasureTreeAsync(string path, CancellationToken cancellationToken) => RunAsync(
        Start(["measure-tree"], cancellationToken), new MeasureTreeRequest { Path = path }, null, BundleJson.Default.MeasureTreeRequest, BundleJson.Default.TreeSize, null,
        cancellationToken);

    /// <summary>Copies between host and containers.</summary>
    public Task<CopyItemResult> CopyItemAsync(CopyItemRequest request, Action<long>? progress, CancellationToken cancellationToken) =>
        RunAsync(Start(["copy-item"], cancellationToken), request, null, BundleJson.Default.CopyItemRequest, BundleJson.Default.CopyItemResult, progress, cancellationToken);

    /// <summary>Lets two directories of one file system change places, at once.</summary>
    public void Exchange(string one, string other)
    {
        using Process process = Start("exchange", one, other);
        process.StandardInput.Close();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new DockerEnvironmentException("StoreUnavailable", $"'{one}' cannot take the place of '{other}': {errors.Trim()}", other);
    }

    /// <summary>Removes a directory and what is in it, whatever it is and whoever owns it. One that is not there is well removed.</summary>
    public void RemoveTree(string path)
    {
        if (!Directory.Exists(path)) return;
        using Process process = Start("remove-tree", path);
        process.StandardInput.Close();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) RuntimeVerbLog.TreeRemains(logger, path, errors.Trim());
    }

    /// <summary>As <see cref="RemoveTree"/>, of several, large ones by several processes: with some disks each file that goes is waited for.</summary>
    public void RemoveTrees(IReadOnlyList<string> trees)
    {
        if (trees.Count == 0) return;
        var running = new List<Process>();
        try
        {
            foreach (List<string> share in TreeParts.Share(trees)) running.Add(Start(["remove-tree", .. share]));
            foreach (Process process in running) process.StandardInput.Close();
            foreach (Process process in running)
            {
                // What could not be removed is told of below.
                process.StandardError.ReadToEnd();
                process.WaitForExit();
            }
        }
        finally
        {
            foreach (Process process in running) process.Dispose();
        }

        foreach (string tree in trees) RemoveTree(tree);
    }

    private async Task<TResult> RunAsync<TRequest, TResult>(
        Process started, TRequest request, GrowingBlob? growing, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResult> resultType,
        Action<long>? progress, CancellationToken cancellationToken, Action<ReadOnlyMemory<byte>>? items = null)
    {
        using Process process = started;
        using CancellationTokenRegistration kill = cancellationToken.Register(() => Kill(process));
        Task<string> errors = ReadErrorsAsync(process.StandardError.BaseStream);
        try
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(request, requestType);
            if (growing is null) await SendAsync(process, json).ConfigureAwait(false);
            else await FollowAsync(process, json, growing).ConfigureAwait(false);
            byte[]? result = await ReceiveAsync(process.StandardOutput.BaseStream, progress, items).ConfigureAwait(false);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            if (result is not null) return JsonSerializer.Deserialize(result, resultType)!;
        }
        catch (InvalidDataException) when (cancellationToken.IsCancellationRequested)
        {
            // Killed in the middle of a message.
        }
        finally
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            growing?.Detach();
        }

        cancellationToken.ThrowIfCancellationRequested();
        string text = await errors.ConfigureAwait(false);
        throw new ContainerRuntimeException(
            "RuntimeFailed",
            $"'{executable} {process.StartInfo.ArgumentList[0]}' ended with code {process.ExitCode} and no result: {(text.Length == 0 ? "it said nothing" : text)}.",
            executable, RuntimeStages.Config, process.StartInfo.ArgumentList[0], 0, 125);
    }

    private Process Start(ReadOnlySpan<string> arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Start(arguments);
    }

    private Process Start(params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(executable)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new DockerEnvironmentException(
                "RuntimeMissing",
                $"The native executable '{executable}' cannot be run: {e.Message}. Build the module for this machine with 'dotnet build', "
                + "or install the package again.",
                executable, e);
        }
    }

    private static async Task SendAsync(Process process, byte[] json)
    {
        try
        {
            Stream input = process.StandardInput.BaseStream;
            await input.WriteAsync(json).ConfigureAwait(false);
            await input.FlushAsync().ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading the request: what it says on its other streams tells why.
        }
    }

    /// <summary>Sends the request with its length before it, and lets the blob's bytes follow.</summary>
    private static async Task FollowAsync(Process process, byte[] json, GrowingBlob growing)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        try
        {
            Stream input = process.StandardInput.BaseStream;
            await input.WriteAsync((byte[])[.. length, .. json]).ConfigureAwait(false);
            growing.Attach(input);
        }
        catch (IOException)
        {
            // It ended without reading the request: what it says on its other streams tells why.
        }
    }

    private async Task<byte[]?> ReceiveAsync(Stream output, Action<long>? progress, Action<ReadOnlyMemory<byte>>? items)
    {
        var buffer = new byte[4096];
        while (await RuntimeMessages.ReadAsync(output, buffer, CancellationToken.None).ConfigureAwait(false) is var (kind, payload))
        {
            switch (kind)
            {
                case RuntimeMessageKind.Progress when payload.Length >= sizeof(long):
                    progress?.Invoke(BinaryPrimitives.ReadInt64LittleEndian(payload.Span));
                    break;
                case RuntimeMessageKind.Log when payload.Length > 0:
                    RuntimeVerbLog.Said(logger, (LogLevel)payload.Span[0], Encoding.UTF8.GetString(payload.Span[1..]));
                    break;
                case RuntimeMessageKind.Items:
                    items?.Invoke(payload);
                    break;
                case RuntimeMessageKind.Failed:
                    throw RuntimeFailures.ToException(JsonSerializer.Deserialize(payload.Span, BundleJson.Default.RuntimeFailure)!);
                case RuntimeMessageKind.Result:
                    return payload.ToArray();
            }
        }

        return null;
    }

    private static async Task<string> ReadErrorsAsync(Stream stream)
    {
        var text = new byte[MaxErrorText];
        int length = await stream.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false).ConfigureAwait(false);
        if (length == text.Length) await stream.CopyToAsync(Stream.Null).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text, 0, length).Trim();
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }
}

/// <summary>Log messages of <see cref="RuntimeVerb"/>.</summary>
internal static partial class RuntimeVerbLog
{
    [LoggerMessage(EventId = 200, Message = "dockerps-runtime: {Text}")]
    public static partial void Said(ILogger logger, LogLevel level, string text);

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "'{Path}' could not be removed and stays until the next collection: {Text}")]
    public static partial void TreeRemains(ILogger logger, string path, string text);
}
