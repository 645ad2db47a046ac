namespace DockerPS.Engine.Images.Exports;

/// <summary>A directory that is made for it.</summary>
internal sealed class DirectoryTarget : IExportTarget
{
    private const int BufferLength = 1 << 20;
    private readonly string _directory;
    private FileStream? _file;

    public DirectoryTarget(string path)
    {
        _directory = path;
        Directory.CreateDirectory(path);
    }

    /// <inheritdoc/>
    public Stream Begin(string name, long length)
    {
        string path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferLength);
    }

    /// <inheritdoc/>
    public void End()
    {
        _file!.Flush(flushToDisk: true);
        _file.Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public void Complete()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null) TarTarget.Close(_file);
    }
}
