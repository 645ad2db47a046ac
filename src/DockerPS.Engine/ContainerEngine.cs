using Microsoft.Extensions.Logging;

namespace DockerPS.Engine;

/// <summary>
/// The embedded engine: one method for each verb of a user. Safe for use by many threads, and beside other engines on the same
/// root. It makes no privileged system call itself; what touches the kernel is done by <c>dockerps-runtime</c>.
/// </summary>
public sealed partial class ContainerEngine : IDisposable
{
    private readonly EngineOptions _options;
    private readonly ILogger _logger;

    private ContainerEngine(EngineOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _logger = loggers.CreateLogger<ContainerEngine>();
    }

    public EngineOptions Options => _options;

    /// <summary>Opens (and at first use makes) the store. Costs no privilege; what needs root says so when it is asked for.</summary>
    /// <exception cref="DockerEnvironmentException">CatalogueTooNew, StoreUnavailable.</exception>
    public static ContainerEngine Open(EngineOptions options, ILoggerFactory loggers) => new(options, loggers);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
