using Microsoft.Extensions.Logging;

namespace DockerPS.Engine;

public sealed partial class ContainerEngine
{
    [LoggerMessage(1, LogLevel.Information, "Created container {Name} ({Id}) of image {Image}.")]
    private partial void LogCreated(string name, string id, string image);

    [LoggerMessage(2, LogLevel.Information, "Started container {Name}: process {Pid}.")]
    private partial void LogStarted(string name, int pid);

    [LoggerMessage(3, LogLevel.Information, "Container {Name} ended with exit code {ExitCode}.")]
    private partial void LogEnded(string name, int? exitCode);

    [LoggerMessage(4, LogLevel.Information, "Removed container {Name}.")]
    private partial void LogRemoved(string name);

    [LoggerMessage(5, LogLevel.Warning, "The supervisor of container {Name} was killed; what it left was removed.")]
    private partial void LogLost(string name);

    [LoggerMessage(6, LogLevel.Warning, "Container {Name}: {Text}")]
    private partial void LogWarning(string name, string text);

    [LoggerMessage(7, LogLevel.Warning, "{Path} was left by a removed container and cannot be removed: {Text}")]
    private partial void LogLeftOver(string path, string text);

    [LoggerMessage(8, LogLevel.Debug, "Spawned {Path} {Verb} for container {Name}.")]
    private partial void LogSpawned(string path, string verb, string name);

    [LoggerMessage(9, LogLevel.Information, "Removed {Path}, which belongs to no container.")]
    private partial void LogOrphan(string path);

    /// <summary>A message of dockerps-runtime, at the level that it gave.</summary>
    private void LogRuntime(string name, LogLevel level, string text)
    {
        if (level != LogLevel.None && _logger.IsEnabled(level)) _logger.Log(level, "Container {Name}: {Text}", name, text);
    }
}
