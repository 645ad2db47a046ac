using DockerPS.Engine.Compressing;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images.Exports;

/// <summary>Compresses a file that is whole already.</summary>
internal static class ArchiveCompression
{
    private const int BufferLength = 1 << 20;

    public static Compression Of(ContainerArchiveCompression compression) => compression switch
    {
        ContainerArchiveCompression.Gzip => Compression.Gzip,
        ContainerArchiveCompression.Zstd => Compression.Zstd,
        _ => Compression.None,
    };

    /// <summary>Puts the compressed file in the place of the plain one.</summary>
    public static Task CompressAsync(string path, ContainerArchiveCompression compression, CancellationToken cancellationToken) =>
        compression == ContainerArchiveCompression.None
            ? Task.CompletedTask
            : Task.Run(() => Compress(path, Of(compression), cancellationToken), cancellationToken);

    /// <summary>As the plain one, for the eyes of who makes it.</summary>
    private static FileStream Make(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = BufferLength };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static void Compress(string path, Compression compression, CancellationToken cancellationToken)
    {
        string compressed = path + ".compressed";
        try
        {
            using (var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
            {
                FileStream target = Make(compressed);
                try
                {
                    using var compressor = new BlockCompressor(target, compression);
                    var buffer = new byte[BufferLength];
                    for (int read; (read = source.Read(buffer)) > 0;)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        compressor.Write(buffer.AsSpan(0, read));
                    }

                    compressor.Complete();
                    target.Flush(flushToDisk: true);
                }
                finally
                {
                    TarTarget.Close(target);
                }
            }

            File.Move(compressed, path, overwrite: true);
        }
        catch
        {
            File.Delete(compressed);
            throw;
        }
    }
}
