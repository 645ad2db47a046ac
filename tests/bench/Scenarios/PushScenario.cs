using System.Diagnostics;

namespace DockerPS.Bench.Scenarios;

/// <summary>Pushes the image of the pull scenario to an empty registry on loopback.</summary>
internal sealed class PushScenario : Scenario
{
    private const int Rounds = 2;
    private const string Plain = "push the same of a plain docker save archive, compressed on the way";

    public override string Key => "push";
    public override string Title => "push a 2 GB image of six gzip layers to an empty registry";

    public override void Measure(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        MachineImages images = workshop.Images;
        string image = images.Get("gzip0", "gzip", cancellationToken);
        workshop.Session.Invoke($"Request-ContainerImage {image}");
        var subjects = new Dictionary<string, Func<double>>
        {
            ["DockerPS"] = () => ToEmptyRegistry(workshop, target => workshop.Session.Time($"Submit-ContainerImage {image} {target}")),
            ["skopeo"] = () => ToEmptyRegistry(workshop, target =>
            {
                long start = Stopwatch.GetTimestamp();
                Processes.Run("skopeo", "copy", "-q", "--dest-tls-verify=false", $"oci:{images.Layout("gzip0")}:1", $"docker://{target}");
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }),
        };
        foreach (Peers.Peer peer in workshop.Peers(report, Title).Where(p => p.CanPull))
        {
            peer.Pull(image);
            subjects[peer.Name] = () => ToEmptyRegistry(workshop, target => peer.Push(image, target));
        }

        Interleave(Rounds, subjects, Title, "ms", report, cancellationToken);
        MeasurePlain(workshop, report, cancellationToken);
    }

    /// <summary>Layers that are stored uncompressed, as they come out of docker save.</summary>
    private static void MeasurePlain(Workshop workshop, Report report, CancellationToken cancellationToken)
    {
        string archive = Path.Combine(workshop.Directory, "plain.tar");
        SavedArchive.Write(archive, "bench-plain:1", cancellationToken);
        workshop.Session.Invoke($"Import-ContainerImage -Path '{archive}'");
        string compressed = Path.Combine(workshop.Directory, "store", "content", "compressed");
        var subjects = new Dictionary<string, Func<double>>
        {
            ["DockerPS"] = () => ToEmptyRegistry(workshop, target =>
            {
                // What was compressed is remembered; here each push is a first one.
                if (Directory.Exists(compressed)) Directory.Delete(compressed, recursive: true);
                return workshop.Session.Time($"Submit-ContainerImage bench-plain:1 {target}");
            }),
            ["skopeo"] = () => ToEmptyRegistry(workshop, target =>
            {
                long start = Stopwatch.GetTimestamp();
                Processes.Run("skopeo", "copy", "-q", "--dest-tls-verify=false", $"docker-archive:{archive}", $"docker://{target}");
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }),
        };
        Interleave(Rounds, subjects, Plain, "ms", report, cancellationToken);
        File.Delete(archive);
    }

    private static double ToEmptyRegistry(Workshop workshop, Func<string, double> push)
    {
        string directory = Path.Combine(workshop.Directory, $"empty-{Guid.NewGuid():N}");
        try
        {
            using var registry = new LoopbackRegistry(directory);
            PullScenario.Settle();
            return push($"{registry.Host}/bench/pushed:1");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
