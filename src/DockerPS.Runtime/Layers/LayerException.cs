using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>Work on a layer or archive failed; carries what the engine is told.</summary>
internal sealed class LayerException(RuntimeFailure failure) : Exception(failure.Text)
{
    public RuntimeFailure Failure { get; } = failure;

    public static LayerException Of(string stage, string text, string call = "", int errno = 0) =>
        new(new RuntimeFailure { Stage = stage, Text = text, Call = call, Errno = errno });

    /// <summary>What any exception is for the engine.</summary>
    public static RuntimeFailure Describe(Exception exception) => exception switch
    {
        LayerException layer => layer.Failure,
        TarFormatException tar => new RuntimeFailure
        {
            Stage = tar.Fault switch
            {
                TarFault.Unsafe => RuntimeStages.ArchiveUnsafe,
                TarFault.TooLarge => RuntimeStages.ArchiveTooLarge,
                _ => RuntimeStages.Archive,
            },
            Text = tar.Message,
        },
        LinuxException linux => new RuntimeFailure
        {
            // These say that the archive asks for something no file system can hold; all others are the disk's.
            Stage = linux.Number is Errno.ENAMETOOLONG or Errno.ELOOP or Errno.ENOTDIR or Errno.EISDIR or 31
                ? RuntimeStages.Archive : RuntimeStages.Write,
            Call = linux.Call,
            Errno = linux.Number,
            Text = linux.Message,
        },
        _ => new RuntimeFailure { Stage = RuntimeStages.Write, Text = $"{exception.GetType().Name}: {exception.Message}" },
    };
}
