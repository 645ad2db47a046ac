namespace DockerPS.Engine.Images.Exports;

/// <summary>
/// What is written beside its place and renamed when it is whole. Without <see cref="Place"/> nothing is left; what a killed export left
/// is removed by the next one to the same place.
/// </summary>
internal sealed class PartialOutput : IDisposable
{
    private const string Ending = ".partial";
    private readonly string _target;
    private readonly FileStream _lock;

    /// <param name="target">Absolute path of the file or directory to be.</param>
    public PartialOutput(string target)
    {
        _target = target;
        string directory = System.IO.Path.GetDirectoryName(target)!, prefix = "." + System.IO.Path.GetFileName(target) + ".";
        RemoveAbandoned(directory, prefix);
        Path = System.IO.Path.Combine(directory, prefix + Guid.NewGuid().ToString("N") + Ending);
        _lock = Take(Path + ".lock", FileMode.CreateNew);
    }

    /// <summary>Where to write; nothing is there yet.</summary>
    public string Path { get; }

    /// <summary>Gives what was written its name. A file or directory that has it is replaced.</summary>
    public void Place()
    {
        if (File.Exists(Path))
        {
            File.Move(Path, _target, overwrite: true);
            return;
        }

        if (!Directory.Exists(_target))
        {
            Directory.Move(Path, _target);
            return;
        }

        string away = Path + ".old";
        Directory.Move(_target, away);
        try
        {
            Directory.Move(Path, _target);
        }
        catch
        {
            Directory.Move(away, _target);
            throw;
        }

        Directory.Delete(away, recursive: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Remove(Path);
        _lock.Dispose();
    }

    private static FileStream Take(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    private static void RemoveAbandoned(string directory, string prefix)
    {
        foreach (string file in Directory.EnumerateFiles(directory, prefix + "*" + Ending + ".lock"))
        {
            try
            {
                // Whoever still writes holds it.
                using FileStream held = Take(file, FileMode.Open);
                Remove(file[..^5]);
            }
            catch (IOException)
            {
                // It is written at this moment.
            }
        }
    }

    private static void Remove(string path)
    {
        File.Delete(path + ".compressed");
        if (File.Exists(path)) File.Delete(path);
        else if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
