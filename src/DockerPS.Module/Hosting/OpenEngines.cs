using DockerPS.Engine;

namespace DockerPS.Module.Hosting;

/// <summary>
/// The engines this process has open, one a root, opened by the first cmdlet that needs one. The root is read each time, so that
/// changing <c>$env:DOCKERPS_ROOT</c> is enough to work in another store.
/// </summary>
internal static class OpenEngines
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(string Root, string RunRoot), ContainerEngine> Engines = [];
    private static int _imports;

    /// <summary>The engine of the present root.</summary>
    /// <exception cref="DockerException">The store cannot be opened.</exception>
    public static ContainerEngine Current()
    {
        EngineOptions options = EngineOptions.Default(RuntimePath);
        lock (Gate)
        {
            var key = (options.Root, options.RunRoot);
            if (Engines.TryGetValue(key, out ContainerEngine? engine))
            {
                if (engine.Options == options && Directory.Exists(options.Root)) return engine;
                // The store was deleted, or other limits were set, since it was opened.
                Engines.Remove(key);
                engine.Dispose();
            }
            return Engines[key] = ContainerEngine.Open(options, StreamLoggerFactory.Instance);
        }
    }

    /// <summary>A runspace has imported the module.</summary>
    public static void Imported() => Interlocked.Increment(ref _imports);

    /// <summary>A runspace has removed the module; with the last one the engines close.</summary>
    public static void Removed()
    {
        if (Interlocked.Decrement(ref _imports) > 0) return;
        lock (Gate)
        {
            foreach (ContainerEngine engine in Engines.Values) engine.Dispose();
            Engines.Clear();
        }
    }

    private static string RuntimePath { get; } = Path.Combine(
        Path.GetDirectoryName(typeof(OpenEngines).Assembly.Location) is { Length: > 0 } directory ? directory : AppContext.BaseDirectory,
        "dockerps-runtime");
}
