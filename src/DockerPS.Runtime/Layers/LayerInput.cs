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

    /// <exception cref="LayerException">The blob cannot be opened or read.</exception>
    public static LayerInput Open(LayerRequest layer)
    {
        FileRange blob;
        try
        {
            blob = new FileRange(layer.Blob, layer.Offset, layer.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            int errno = e is FileNotFoundException or DirectoryNotFoundException ? Errno.ENOENT : e.HResult & 0xFFFF;
            throw LayerException.Of(RuntimeStages.Archive, $"The layer's file '{layer.Blob}' cannot be opened.", $"open({layer.Blob})", errno);
        }
        Span<byte> magic = stackalloc byte[4];
        int read = blob.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        blob.Position = 0;
        LayerFormat format = LayerFormats.Of(magic[..read]);
        bool hashed = layer is not { Verified: true, DiffId: not null };
        return format == LayerFormat.Tar && !hashed ? new PlainLayer(blob) : new LayerStream(blob, format, hashed, layer.MaxBytes);
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
}
