namespace DockerPS.Engine.Images.Exports;

/// <summary>Takes the files of an image archive, one after the other.</summary>
internal interface IExportTarget : IDisposable
{
    /// <summary>Begins a file of a known length, which is then written to the stream that is returned.</summary>
    Stream Begin(string name, long length);

    /// <summary>To be called after each file.</summary>
    void End();

    /// <summary>All is written: makes it durable.</summary>
    void Complete();
}
