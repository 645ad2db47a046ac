using System.Text;
using DockerPS.Engine.Compressing;
using DockerPS.Oci.ImageSpec;
using DockerPS.Oci.Layers;

namespace DockerPS.Engine.Images.Exports;

/// <summary>A tar, compressed as a whole or not. Nothing of the moment goes into it: no times, no owners.</summary>
internal sealed class TarTarget : IExportTarget
{
    private const int BufferLength = 1 << 20, Block = 512;
    private const uint FileMode644 = 0x1A4, DirectoryMode755 = 0x1ED;
    private readonly FileStream _file;
    private readonly BlockCompressor? _compressor;
    private readonly Stream _stream;
    private readonly TarHeaderWriter _headers = new();
    private readonly HashSet<string> _directories = [];
    private long _length;

    public TarTarget(string path, Compression compression)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferLength);
        if (compression != Compression.None) _compressor = new BlockCompressor(_file, compression);
        _stream = (Stream?)_compressor ?? _file;
    }

    /// <inheritdoc/>
    public Stream Begin(string name, long length)
    {
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            string directory = name[..(slash + 1)];
            if (_directories.Add(directory)) WriteHeader(directory, (byte)'5', DirectoryMode755, 0);
        }

        WriteHeader(name, (byte)'0', FileMode644, length);
        _length = length;
        return _stream;
    }

    /// <inheritdoc/>
    public void End() => _stream.Write(new byte[-_length & (Block - 1)]);

    /// <inheritdoc/>
    public void Complete()
    {
        _stream.Write(new byte[2 * Block]);
        _compressor?.Complete();
        _file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor?.Dispose();
        Close(_file);
    }

    /// <summary>A full disk fails here once more, when what failed before is told of already.</summary>
    internal static void Close(FileStream file)
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // The handle is closed nevertheless.
        }
    }

    private void WriteHeader(string name, byte type, uint mode, long length) => _stream.Write(_headers.Write(new TarHeaderFields
    {
        TypeFlag = type,
        Name = Encoding.UTF8.GetBytes(name),
        Mode = mode,
        Size = length,
    }));
}
