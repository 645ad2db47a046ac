using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DockerPS.Engine.Registry.Configuration;

namespace DockerPS.Engine.Registry.Transport;

/// <summary>Connections, pooled by host: each with the certificates that its directories say, through the proxy of the environment.</summary>
internal sealed class RegistryTransport(RegistryOptions options) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<(string Host, bool SkipVerify, string Certificates), Lazy<Connections>> _hosts = new();

    /// <summary>The client of a host. It follows no redirect, keeps no cookie and knows no credential.</summary>
    public HttpMessageInvoker ClientOf(string host, bool skipVerify) => Of(host, skipVerify).Client;

    /// <summary>Why the host's certificate was refused, null when it was not.</summary>
    public string? CertificateProblem(string host, bool skipVerify) => Of(host, skipVerify).Problem;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<Connections> connections in _hosts.Values)
        {
            if (connections.IsValueCreated) connections.Value.Client.Dispose();
        }

        _hosts.Clear();
    }

    private Connections Of(string host, bool skipVerify)
    {
        // With changed certificates it is another pool; what still uses the old one finishes on it.
        string[] directories = RegistryOptions.Paths(options.CertificateDirectories);
        return _hosts.GetOrAdd(
            (host, skipVerify, RegistryCertificates.StampOf(directories, host)),
            key => new Lazy<Connections>(() => new Connections(host, RegistryCertificates.Load(directories, host), skipVerify))).Value;
    }

    private sealed class Connections
    {
        private readonly RegistryCertificates _certificates;
        private readonly string _host;
        private volatile string? _problem;

        public Connections(string host, RegistryCertificates certificates, bool skipVerify)
        {
            _host = host;
            _certificates = certificates;
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                Proxy = EnvironmentProxy.Instance,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
                MaxResponseHeadersLength = 64,
                // A refused upload's answer is read although its content was not taken.
                Expect100ContinueTimeout = TimeSpan.FromSeconds(1),
            };
            handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
            handler.SslOptions.RemoteCertificateValidationCallback = skipVerify ? static (_, _, _, _) => true : Verify;
            if (certificates.Own.Count > 0) handler.SslOptions.ClientCertificates = certificates.Own;
            Client = new HttpMessageInvoker(handler);
        }

        public HttpMessageInvoker Client { get; }

        public string? Problem => _problem;

        private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            _problem = null;
            if (errors == SslPolicyErrors.None) return true;
            // A wrong name is no matter of trust: an own authority does not make it right.
            if (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 leaf && _certificates.Authorities.Count > 0
                && IsTrusted(leaf, chain)) return true;
            _problem = Describe(certificate, chain, errors);
            return false;
        }

        private bool IsTrusted(X509Certificate2 leaf, X509Chain? sent)
        {
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.CustomTrustStore.AddRange(_certificates.Authorities);
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.DisableCertificateDownloads = true;
            if (sent is not null)
            {
                foreach (X509ChainElement element in sent.ChainElements) own.ChainPolicy.ExtraStore.Add(element.Certificate);
            }

            return own.Build(leaf);
        }

        private string Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is null) return "it showed no certificate";
            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return $"it is for {certificate.Subject} and not for {_host}";
            X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
            if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid)) return $"it was valid from {certificate.GetEffectiveDateString()} to {certificate.GetExpirationDateString()}";
            return certificate.Subject == certificate.Issuer ? "it is self-signed" : $"its issuer {certificate.Issuer} is not trusted here ({flags})";
        }
    }
}
