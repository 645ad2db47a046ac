using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace DockerPS.Bench.Scenarios;

/// <summary>
/// Pulls an image of six layers and about 2 GB from a registry on loopback, unpacked; beside it what bounds it: to inflate the same layers on
/// all processors, and to write the same files with tar, one process for each processor.
/// </summary>
internal sealed class PullScenario : Scenario
{
    private const int Rounds = 3, BoundRounds = 2;
    private const string Zstd = "pull the same with zstd", Memory = "pull 2 GB: memory above what the session had",
        Again = "pull what is there already", Answer = "…of which the registry's answer",
        Both = "…limit: inflate, hash and write its layers at once, one on each processor",
        Inflate = "…limit: inflate its layers on all processors", Write = "…limit: tar x of its layers, one on each processor", Copy = "…copied to an OCI layout, not unpacked";

    public override string Key => "pull";
    public override string Title => "pull a 2 GB image of six gzip layers, unpacked";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        MachineImages images = workshop.Images;
        int[] counts = new int[8];
        if (Processes.Find("zstd") is null) report.Absent(Zstd, "DockerPS", "zstd is not installed");
        var subjects = new List<(string, string, Func<double>)>
        {
            (Title, "DockerPS", () => Pull(workshop, report, images.Get($"gzip{counts[0]}", "gzip", cancellationToken), first: counts[0]++ == 0)),
            (Zstd, "DockerPS", () => Pull(workshop, null, images.Get($"zstd{counts[3]++}", "zstd", cancellationToken), first: false)),
        };
        foreach (Peers.Peer peer in workshop.Peers(report, Title).Where(p => p.CanPull))
        {
            int count = 0;
            subjects.Add((Title, peer.Name, () =>
            {
                string image = images.Get($"gzip{count++}", "gzip", cancellationToken);
                Settle();
                return peer.Pull(image);
            }));
        }

        Interleave(Rounds, subjects, "ms", report, cancellationToken);
        Interleave(BoundRounds, Of("skopeo", () => CopyWithSkopeo(workshop, images.Get($"gzip{counts[1]++}", "gzip", cancellationToken))), Copy, "ms", report, cancellationToken);
        Interleave(BoundRounds, Of("limit", () => InflateAll(images.Blobs("gzip0"))), Inflate, "ms", report, cancellationToken);
        string[] tars = images.WriteTars("gzip0", cancellationToken);
        Interleave(BoundRounds, Of("limit", () => WriteAll(workshop, tars, counts[2]++)), Write, "ms", report, cancellationToken);
        foreach (string tar in tars) File.Delete(tar);
        Interleave(BoundRounds, Of("limit", () => InflateAndWriteAll(workshop, images.Blobs("gzip0"), counts[4]++)), Both, "ms", report, cancellationToken);
        string there = images.Get("gzip0", "gzip", cancellationToken);
        Interleave(20, Of("DockerPS", () => workshop.Session.Time($"Request-ContainerImage {there}")), Again, "ms", report, cancellationToken);
        using var http = new HttpClient();
        Interleave(20, Of("DockerPS", () => Ask(http, images.Host)), Answer, "ms", report, cancellationToken);
        // Not sooner: a file system that has just removed much is slow.
        foreach (string written in Directory.EnumerateDirectories(workshop.Directory, "written*").Concat(Directory.EnumerateDirectories(workshop.Directory, "inflated*")))
            Directory.Delete(written, recursive: true);
    }

    private static Dictionary<string, Func<double>> Of(string subject, Func<double> measure) => new() { [subject] = measure };

    private static double Pull(Workshop workshop, Report? report, string image, bool first)
    {
        Settle();
        using var memory = new MemoryWatch();
        double elapsed = workshop.Session.Time($"Request-ContainerImage {image}");
        if (!first) report?.Add(Memory, "DockerPS", "MB", memory.PeakGrowth() / 1024.0 / 1024.0);
        return elapsed;
    }

    private static double CopyWithSkopeo(Workshop workshop, string image)
    {
        Settle();
        string copied = Path.Combine(workshop.Directory, $"copied-{Guid.NewGuid():N}");
        long start = Stopwatch.GetTimestamp();
        Processes.Run("skopeo", "copy", "-q", "--src-tls-verify=false", $"docker://{image}", $"oci:{copied}:1");
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Directory.Delete(copied, recursive: true);
        return elapsed;
    }

    private static double InflateAll(string[] blobs)
    {
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(blobs.OrderByDescending(blob => new FileInfo(blob).Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, blob =>
        {
            using var content = new GZipStream(File.OpenRead(blob), CompressionMode.Decompress);
            byte[] buffer = new byte[256 << 10];
            while (content.Read(buffer) > 0)
            {
            }
        });
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double WriteAll(Workshop workshop, string[] tars, int round)
    {
        Settle();
        string directory = Path.Combine(workshop.Directory, $"written{round}");
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(tars, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, tar =>
        {
            string target = Path.Combine(directory, Path.GetFileName(tar));
            Directory.CreateDirectory(target);
            Processes.Run("tar", "-xf", tar, "-C", target);
        });
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>
    /// All that a pull cannot do without and that shares the processors: inflated by .NET, both digests taken, and written by tar, which has nothing else to do.
    /// </summary>
    private static double InflateAndWriteAll(Workshop workshop, string[] blobs, int round)
    {
        Settle();
        string directory = Path.Combine(workshop.Directory, $"inflated{round}");
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(blobs.OrderByDescending(blob => new FileInfo(blob).Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, blob =>
        {
            string target = Path.Combine(directory, Path.GetFileName(blob));
            Directory.CreateDirectory(target);
            using IncrementalHash packed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256), plain = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using Process tar = Process.Start(new ProcessStartInfo("tar", ["-xf", "-", "-C", target]) { RedirectStandardInput = true })!;
            byte[] bytes = File.ReadAllBytes(blob), buffer = new byte[256 << 10];
            packed.AppendData(bytes);
            using var content = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            for (int read; (read = content.Read(buffer)) > 0;)
            {
                plain.AppendData(buffer, 0, read);
                tar.StandardInput.BaseStream.Write(buffer, 0, read);
            }

            tar.StandardInput.Close();
            tar.WaitForExit();
            if (tar.ExitCode != 0) throw new InvalidOperationException($"tar ended with {tar.ExitCode}.");
        });
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Ask(HttpClient http, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri($"http://{host}/v2/bench/machine/manifests/gzip0"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = http.Send(request);
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>What others wrote is on the disk before the clock starts, and on that of the host of a virtual machine.</summary>
    internal static void Settle()
    {
        Processes.Run("sync");
        Thread.Sleep(TimeSpan.FromSeconds(5));
    }
}
