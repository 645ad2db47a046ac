using DockerPS.Engine;

namespace DockerPS.Integration.Registry;

/// <summary>Registries for the tests of a class, started when one wants them, and settings that are nobody's.</summary>
public sealed class RegistryFixture : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-registry-settings-").FullName;
    private RegistryServer? _plain, _password, _tls;

    /// <summary>Plain HTTP, open to everybody.</summary>
    internal RegistryServer Plain
    {
        get
        {
            lock (_gate) return _plain ??= RegistryServer.Start();
        }
    }

    /// <summary>Plain HTTP; wants the name and password of <see cref="RegistryServer"/>.</summary>
    internal RegistryServer Protected
    {
        get
        {
            lock (_gate) return _password ??= RegistryServer.Start(password: true);
        }
    }

    /// <summary>TLS and password.</summary>
    internal RegistryServer Tls
    {
        get
        {
            lock (_gate) return _tls ??= RegistryServer.Start(password: true, tls: true);
        }
    }

    /// <summary>Settings in directories of their own, and little patience.</summary>
    /// <param name="name">Tests with the same name share them.</param>
    internal RegistryOptions Options(string name = "default")
    {
        string directory = Path.Combine(_directory, name);
        Directory.CreateDirectory(directory);
        return new RegistryOptions
        {
            DockerConfigDirectory = Path.Combine(directory, "docker"),
            ContainersLogins = Path.Combine(directory, "auth.json"),
            CertificateDirectories = Path.Combine(directory, "certs.d"),
            DaemonConfiguration = Path.Combine(directory, "daemon.json"),
            RegistriesConfiguration = Path.Combine(directory, "registries.conf"),
            StallTimeout = TimeSpan.FromSeconds(3),
            RetryDelay = TimeSpan.FromMilliseconds(5),
        };
    }

    public void Dispose()
    {
        _plain?.Dispose();
        _password?.Dispose();
        _tls?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
