using System.Diagnostics;

namespace DockerPS.Bench.Scenarios;

/// <summary>Pushes the image of the pull scenario to an empty registry on loopback.</summary>
internal sealed class PushScenario : Scenario
{
    private const int Rounds = 2;

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
