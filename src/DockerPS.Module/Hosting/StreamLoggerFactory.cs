using Microsoft.Extensions.Logging;

namespace DockerPS.Module.Hosting;

/// <summary>
/// Brings the engine's log to the streams of the cmdlet that asked: one engine serves many cmdlets, so the cmdlet is found by the
/// asynchronous flow that the message comes from. Messages of no cmdlet go nowhere.
/// </summary>
internal sealed class StreamLoggerFactory : ILoggerFactory, ILogger
{
    private static readonly AsyncLocal<EngineCommand?> Asking = new();

    private StreamLoggerFactory()
    {
    }

    public static StreamLoggerFactory Instance { get; } = new();

    /// <summary>The cmdlet that this flow works for.</summary>
    public static EngineCommand? Command
    {
        get => Asking.Value;
        set => Asking.Value = value;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Messages of the engine go to PowerShell's streams only.");

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => Asking.Value is { } command && command.Wants(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Asking.Value is not { } command || !command.Wants(logLevel)) return;
        string text = formatter(state, exception);
        command.WriteLog(logLevel, exception is null ? text : $"{text} ({exception.GetType().Name}: {exception.Message})");
    }
}
