using DockerPS.Engine.Runtime;
using DockerPS.Oci.Bundle;
using Microsoft.Extensions.Logging;

namespace DockerPS.Engine.Containers;

/// <summary>Carries an attached process's streams between the message channel and its caller.</summary>
internal static class AttachedStreams
{
    private const int StackSize = 256 * 1024;

    /// <summary>Ends with the process: how it ended, or null when the channel broke off before telling.</summary>
    public static Task<ProcessExit?> PumpAsync(RuntimeProcess process, Attachment? attachment, Action<LogLevel, string> log)
    {
        FeedInput(process, attachment?.Input);
        var ended = new TaskCompletionSource<ProcessExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Reading blocks as long as the process is silent: on a thread of the pool it would take that from everyone else.
        var reader = new Thread(
            () =>
            {
                try
                {
                    ended.SetResult(ReadToEnd(process, attachment?.Output, log));
                }
                catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
                {
                    ended.SetResult(null);
                }
                catch (Exception e)
                {
                    ended.SetException(e);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = "dockerps output",
        };
        reader.Start();
        return ended.Task;
    }

    private static ProcessExit? ReadToEnd(RuntimeProcess process, OutputSink? output, Action<LogLevel, string> log)
    {
        while (process.Read() is { } message)
        {
            switch (message.Kind)
            {
                case RuntimeMessageKind.StdOut:
                    output?.Invoke(ContainerStream.StdOut, message.Payload.Span);
                    break;
                case RuntimeMessageKind.StdErr:
                    output?.Invoke(ContainerStream.StdErr, message.Payload.Span);
                    break;
                case RuntimeMessageKind.Log:
                    log(message.Log().Level, message.Log().Text);
                    break;
                case RuntimeMessageKind.Exited:
                    ExitedMessage exited = message.Exited();
                    return new ProcessExit(exited.ExitCode, exited.OomKilled);
            }
        }

        return null;
    }

    private static void FeedInput(RuntimeProcess process, Stream? input)
    {
        if (input is null)
        {
            process.Input.Dispose();
            return;
        }

        // Nobody waits for it: the process may end without reading, and the source may never end.
        _ = Task.Run(async () =>
        {
            try
            {
                await input.CopyToAsync(process.Input).ConfigureAwait(false);
                await process.Input.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The process has closed its input or ended.
            }
        });
    }
}
