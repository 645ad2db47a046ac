using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>The frame of the verbs that read trees: the request, messages, progress and being stopped.</summary>
internal sealed class TreeVerb
{
    private const int ProgressMilliseconds = 100;
    private readonly VerbRequest _request;
    private long _next;

    private TreeVerb(MessageChannel channel, VerbRequest request) => (Channel, _request) = (channel, request);

    public MessageChannel Channel { get; }

    /// <summary>What progress tells; null tells none.</summary>
    public Func<long>? Done { get; set; }

    public static int Run<TRequest, TResult>(
        JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResult> resultType, Func<TRequest, TreeVerb, TResult> work) where TRequest : class
    {
        var channel = new MessageChannel();
        try
        {
            using var request = new VerbRequest();
            TResult result = work(VerbRequest.Read(requestType), new TreeVerb(channel, request));
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, resultType));
            return 0;
        }
        catch (Exception e)
        {
            channel.Failed(LayerException.Describe(e));
            return 1;
        }
    }

    /// <summary>To be called now and then: tells the progress, and ends the work by an exception when it is not wanted any more.</summary>
    public void Turn()
    {
        _request.ThrowIfStopped(Channel);
        if (Done is null || Environment.TickCount64 < _next) return;
        _next = Environment.TickCount64 + ProgressMilliseconds;
        Channel.Progress(Done());
    }

    /// <summary>Makes a file of an archive; on failure, also when nobody waits for it any more, none is left.</summary>
    public ArchiveResult Archive(string path, Func<ArchiveOutput, (long Size, long NewestModification)> write)
    {
        var output = new ArchiveOutput(path);
        try
        {
            Done = () => output.Length;
            (long size, long newest) = write(output);
            string digest = output.Finish();
            _request.ThrowIfStopped(Channel);
            return new ArchiveResult { Digest = digest, Length = output.Length, Size = size, NewestModification = newest };
        }
        catch
        {
            output.Remove();
            throw;
        }
        finally
        {
            output.Dispose();
        }
    }
}
