using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;

namespace DockerPS.Runtime.Layers;

/// <summary>
/// A layer's uncompressed bytes. Making one opens the blob and reads every file that reading it needs: afterwards the process may change
/// its root.
/// </summary>
internal abstract class LayerInput : TarInput, IDisposable
{
    /// <summary>Bytes of the blob that were read.</summary>
    public abstract long InputPosition { get; }

    /// <summary>Called on the reader's thread again and again while it reads.</summary>
    public Action? Turn { get; set; }

    /// <param name="layer">Which one.</param>
    /// <param name="feed">Gives what is not in its file, when it is still being written.</param>
    /// <exception cref="LayerException">The blob cannot be opened or read.</exception>
    public static LayerInput Open(LayerRequest layer, BlobFeed? feed)
    {
        FileRange blob = OpenBlob(layer, feed);
        LayerFormat format = LayerFormats.Of(blob.PeekStart());
        // A compressed blob's own digest says nothing of what is in it.
        bool verified = layer is { Verified: true, DiffId: not null } && format == LayerFormat.Tar;
        return verified ? new PlainLayer(blob) : new LayerStream(blob, format, layer.MaxBytes);
    }

    /// <summary>To be called once before the first byte is asked for.</summary>
    public virtual void Start()
    {
    }

    /// <summary>Reads what is left and returns <c>sha256:…</c> of all uncompressed bytes; null when they are not hashed.</summary>
    public abstract string? Finish();

    public abstract void Dispose();

    /// <summary>What an error of reading the blob means for the engine.</summary>
    protected static LayerException Unreadable(IOException e) =>
        LayerException.Of(RuntimeStages.Archive, $"The layer's file cannot be read: {e.Message}", "read", e.HResult & 0xFFFF);

    private static FileRange OpenBlob(LayerRequest layer, BlobFeed? feed)
    {
        try
        {
            try
            {
                return new FileRange(layer.Blob, layer.Offset, layer.Length, feed);
            }
            catch (FileNotFoundException) when (layer.WholeBlob is not null)
            {
                // It became whole before this process was ready to read it.
                return new FileRange(layer.WholeBlob, layer.Offset, layer.Length, feed);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            int errno = e is FileNotFoundException or DirectoryNotFoundException ? Errno.ENOENT : e.HResult & 0xFFFF;
            throw LayerException.Of(RuntimeStages.Archive, $"The layer's file '{layer.Blob}' cannot be opened.", $"open({layer.Blob})", errno);
        }
    }
}
