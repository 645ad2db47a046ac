using System.Runtime.InteropServices;
using DockerPS.Engine.Catalogue;
using DockerPS.Engine.Containers;
using DockerPS.Engine.Registry;
using DockerPS.Engine.Store;
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
    private readonly ILoggerFactory _loggers;
    private readonly Lock _opening = new();
    private CatalogueDatabase? _catalogue;
    private ImageStore? _images;
    private RegistryClient? _registries;
    private bool _disposed;

    private ContainerEngine(EngineOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ContainerEngine>();
    }

    public EngineOptions Options => _options;

    /// <summary>The catalogue, opened at the first need of it.</summary>
    /// <exception cref="DockerEnvironmentException">NotLinux, PermissionDenied, StoreUnavailable, CatalogueTooNew.</exception>
    private CatalogueDatabase Catalogue => Volatile.Read(ref _catalogue) ?? OpenCatalogue();

    private ImageStore Images
    {
        get
        {
            _ = Catalogue;
            return _images!;
        }
    }

    /// <summary>The client for registries, made at the first need of it.</summary>
    private RegistryClient Registries
    {
        get
        {
            lock (_opening)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _registries ??= new RegistryClient(_options, _logger);
            }
        }
    }

    /// <summary>Makes an engine on a store; the store itself is opened (and at first use made) when it is needed.</summary>
    public static ContainerEngine Open(EngineOptions options, ILoggerFactory loggers) => new(options, loggers);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_opening)
        {
            _disposed = true;
            _catalogue?.Dispose();
            _registries?.Dispose();
        }
    }

    private CatalogueDatabase OpenCatalogue()
    {
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_catalogue is not null) return _catalogue;
            if (!OperatingSystem.IsLinux())
            {
                throw new DockerEnvironmentException(
                    "NotLinux",
                    $"Containers need Linux, and this is {RuntimeInformation.OSDescription}. Use DockerPS in a Linux machine or in WSL 2.");
            }

            try
            {
                MakeRoot();
                CatalogueDatabase catalogue = CatalogueDatabase.Open(Path.Combine(_options.Root, "catalogue.db"));
                _images = new ImageStore(_options, catalogue, _logger);
                Volatile.Write(ref _catalogue, catalogue);
                RemoveOrphans(catalogue);
                RemoveVolumeOrphans(catalogue);
                RemoveNetworkOrphans(catalogue);
                return catalogue;
            }
            catch (Exception e) when (StoreErrors.From(e, _options.Root) is { } error)
            {
                throw error;
            }
        }
    }

    /// <summary>Environments of containers hold secrets and writable layers setuid programs: nobody but the owner may enter.</summary>
    private void MakeRoot()
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        // One that is there has the mode that somebody chose for it, so what is in it is closed as well.
        foreach (string directory in (string[])[_options.Root, ContainerDirectory.ContainersRoot(_options)])
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
            else Directory.CreateDirectory(directory, owner);
        }
    }
}
