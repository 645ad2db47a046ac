using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace DockerPS.Integration.Registry;

/// <summary>Debian's docker-registry on a port of loopback, with a store of its own; ended and removed by Dispose.</summary>
internal sealed class RegistryServer : IDisposable
{
    public const string User = "alice", Password = "s3cret: päss";
    private const string Program = "/usr/bin/docker-registry";
    private readonly Process _process;
    private readonly string _directory;

    private RegistryServer(Process process, string directory, int port, bool tls)
    {
        _process = process;
        _directory = directory;
        Port = port;
        Host = $"localhost:{port}";
        Url = $"{(tls ? "https" : "http")}://{Host}";
    }

    public int Port { get; }

    /// <summary>As in image names: <c>localhost:PORT</c>.</summary>
    public string Host { get; }

    public string Url { get; }

    /// <summary>File with the authority that signed the certificate; for a server with TLS.</summary>
    public string Authority => Path.Combine(_directory, "ca.crt");

    /// <summary>Where it keeps blobs.</summary>
    public string Storage => Path.Combine(_directory, "storage");

    /// <summary>Skips the test where docker-registry is not installed.</summary>
    /// <param name="password">Wants <see cref="User"/> and <see cref="Password"/>.</param>
    /// <param name="tls">Serves TLS, with a certificate of an authority that nobody knows.</param>
    /// <param name="clientCertificates">Wants a certificate of that authority from who connects.</param>
    /// <param name="settings">Further lines of its configuration.</param>
    public static RegistryServer Start(bool password = false, bool tls = false, bool clientCertificates = false, string settings = "")
    {
        Assert.SkipUnless(File.Exists(Program), "SKIPPED: docker-registry is not installed (Debian's package docker-registry).");
        Assert.SkipUnless(!password || File.Exists("/usr/bin/htpasswd"), "SKIPPED: htpasswd is not installed (Debian's package apache2-utils).");
        string directory = Directory.CreateTempSubdirectory("dockerps-registry-").FullName;
        int port = FreePort();
        if (tls) TestCertificates.Write(directory);
        File.WriteAllText(Path.Combine(directory, "config.yml"), Configuration(directory, port, password, tls, clientCertificates) + settings);
        if (password) File.WriteAllText(Path.Combine(directory, "htpasswd"), Output("/usr/bin/htpasswd", "-nbB", User, Password));
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = directory };
        foreach (string word in (string[])["-c", "exec \"$@\" >log 2>&1 </dev/null", "sh", Program, "serve", "config.yml"]) start.ArgumentList.Add(word);
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        var server = new RegistryServer(Process.Start(start)!, directory, port, tls);
        if (SpinWait.SpinUntil(() => CanConnect(port), TimeSpan.FromSeconds(30))) return server;
        string log = File.ReadAllText(Path.Combine(directory, "log"));
        server.Dispose();
        throw new InvalidOperationException("docker-registry did not come up: " + log);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Log() => File.ReadAllText(Path.Combine(_directory, "log"));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static bool CanConnect(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            Thread.Yield();
            return false;
        }
    }

    private static string Configuration(string directory, int port, bool password, bool tls, bool clientCertificates)
    {
        var text = new StringBuilder($$"""
            version: 0.1
            log:
              level: warn
              accesslog:
                disabled: true
            storage:
              filesystem:
                rootdirectory: {{directory}}/storage
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:{{port}}

            """);
        if (tls)
        {
            text.AppendLine("  tls:").AppendLine($"    certificate: {directory}/server.crt").AppendLine($"    key: {directory}/server.key");
            if (clientCertificates) text.AppendLine("    clientcas:").AppendLine($"      - {directory}/ca.crt");
        }

        if (password) text.AppendLine("auth:").AppendLine($"  htpasswd: {{realm: test, path: {directory}/htpasswd}}");
        return text.ToString();
    }

    private static string Output(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
