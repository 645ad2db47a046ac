using System.Text;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Copies a directory of the host into a new one.</summary>
internal static class CopyTree
{
    private const int ProgressMilliseconds = 100;

    public static int Run()
    {
        var channel = new MessageChannel();
        string? made = null;
        int from = -1, to = -1;
        try
        {
            using var request = new VerbRequest();
            CopyTreeRequest copy = VerbRequest.Read(BundleJson.Default.CopyTreeRequest);
            LibC.umask(0);
            from = LibC.Open(copy.Source, LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (LibC.mkdir(copy.Target, 0x1C0 /* 0700 */) != 0) throw LibC.Failure($"mkdir({copy.Target})");
            made = copy.Target;
            to = LibC.Open(copy.Target, LibC.O_RDONLY | LibC.O_DIRECTORY);
            long next = 0;
            TreeCopier? copier = null;
            copier = new TreeCopier
            {
                Turn = () =>
                {
                    request.ThrowIfStopped(channel);
                    if (Environment.TickCount64 < next) return;
                    next = Environment.TickCount64 + ProgressMilliseconds;
                    channel.Progress(copier!.Size);
                },
            };
            copier.CopyContents(from, to);
            copier.CopyFacts(from, to);
            var result = new CopyTreeResult { Size = copier.Size, Files = copier.Files, Shared = copier.Shared && copier.Size > 0 };
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, BundleJson.Default.CopyTreeResult));
            request.ThrowIfStopped(channel);
            return 0;
        }
        catch (Exception e)
        {
            RuntimeFailure failure = LayerException.Describe(e);
            if (made is not null) TryRemove(made, failure);
            channel.Failed(failure);
            return 1;
        }
        finally
        {
            LibC.Close(ref from);
            LibC.Close(ref to);
        }
    }

    private static void TryRemove(string path, RuntimeFailure failure)
    {
        try
        {
            TreeRemover.Remove(Encoding.UTF8.GetBytes(path));
        }
        catch (LinuxException e)
        {
            failure.Text += $" What was copied cannot be removed: {e.Message}";
        }
    }
}
