using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DockerPS.Engine.Registry.Configuration;

/// <summary>
/// Certificates of one host in Docker's <c>certs.d/HOST:PORT</c>: <c>*.crt</c> are authorities to be trusted, a <c>*.cert</c> with the
/// <c>*.key</c> of the same name says who this machine is.
/// </summary>
internal sealed record RegistryCertificates(X509Certificate2Collection Authorities, X509Certificate2Collection Own)
{
    public static RegistryCertificates None { get; } = new([], []);

    /// <exception cref="DockerRegistryException">RegistryCertificateInvalid: a file is no certificate, or a key is missing.</exception>
    public static RegistryCertificates Load(IEnumerable<string> directories, string host)
    {
        // Each file's name counts once, by the first directory that has it.
        var names = new HashSet<string>(StringComparer.Ordinal);
        var certificates = new RegistryCertificates([], []);
        foreach (string directory in directories.Select(parent => Path.Combine(parent, host)).Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
            {
                if (names.Add(Path.GetFileName(file))) certificates.Add(file, host);
            }
        }

        return certificates;
    }

    /// <summary>Changes whenever the files do; empty for a host that has none.</summary>
    public static string StampOf(IEnumerable<string> directories, string host) => string.Join(
        '|', directories.Select(parent => new DirectoryInfo(Path.Combine(parent, host))).Where(directory => directory.Exists)
            .SelectMany(directory => directory.EnumerateFiles()).Select(file => $"{file.FullName}:{file.LastWriteTimeUtc.Ticks}:{file.Length}")
            .Order(StringComparer.Ordinal));

    private void Add(string file, string host)
    {
        try
        {
            switch (Path.GetExtension(file))
            {
                case ".crt":
                    Authorities.ImportFromPemFile(file);
                    break;
                case ".cert":
                    string key = Path.ChangeExtension(file, ".key");
                    if (!File.Exists(key)) throw Invalid(file, host, $"its key '{key}' is missing", null);
                    Own.Add(X509Certificate2.CreateFromPemFile(file, key));
                    break;
            }
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(file, host, e.Message.TrimEnd('.'), e);
        }
    }

    private static DockerRegistryException Invalid(string file, string host, string reason, Exception? inner) => new(
        "RegistryCertificateInvalid", $"'{file}', which is for the registry {host}, cannot be used: {reason}. Repair or remove it.", file, host, inner: inner);
}
