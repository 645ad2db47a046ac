using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DockerPS.Bench;

/// <summary>Debian's docker-registry on loopback, with a store of its own.</summary>
internal sealed class LoopbackRegistry : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    public LoopbackRegistry(string directory)
    {
        string program = Processes.Find("docker-registry") ?? throw new InvalidOperationException("docker-registry is not installed");
        Directory.CreateDirectory(directory);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Host = string.Create(CultureInfo.InvariantCulture, $"localhost:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        string settings = Path.Combine(directory, "config.yml");
        File.WriteAllText(settings, $$"""
            version: 0.1
            log: {level: error}
            storage:
              filesystem: {rootdirectory: "{{directory}}/data"}
            http: {addr: "{{Host}}"}
            """);
        _process = Process.Start(new ProcessStartInfo(program, ["serve", settings]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var http = new HttpClient();
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                http.GetStringAsync(new Uri($"http://{Host}/v2/")).GetAwaiter().GetResult();
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(start) < Limit)
            {
                _process.WaitForExit(20);
            }
        }
    }

    /// <summary>As in names of images.</summary>
    public string Host { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
