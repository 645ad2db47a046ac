using System.Globalization;

namespace DockerPS.Bench.Peers;

/// <summary>docker or podman: whole engines, whose command lines are the same for what is measured here.</summary>
internal abstract class EnginePeer : Peer
{
    /// <summary>The program with what leads it to its own store.</summary>
    protected abstract string Command { get; }

    protected abstract PeerShell Shell { get; }

    /// <summary>Of names of images that came from nowhere.</summary>
    protected virtual string Prefix => "";

    /// <summary>Options of <c>rm</c> that end what runs, at once.</summary>
    protected virtual string AtOnce => "-f";

    /// <summary>Why it has no networks; null when it has.</summary>
    public string? NoNetworks { get; protected set; }

    public override bool CanLoad => true;
    public override bool CanPull => true;
    public override double Run() => Shell.Time($"{Command} run --rm --network none {Prefix}{Workshop.Image} true");
    public override void Start(string name) => Shell.Time($"{Command} run -d --network none --name {name} {Prefix}{Workshop.Image} sleep 10000");
    public override double Exec(string name) => Shell.Time($"{Command} exec {name} true");
    public override double List() => Shell.Time($"{Command} ps");
    public override void Remove(string name) => Shell.Time($"{Command} rm {AtOnce} {name}");
    public override int Pid(string name) => int.Parse(Ask($"inspect -f '{{{{.State.Pid}}}}' {name}"), CultureInfo.InvariantCulture);

    public override double Load(string archive, string image)
    {
        double elapsed = Shell.Time($"{Command} load -q -i {archive}");
        Shell.Time($"{Command} rmi -f {image}");
        return elapsed;
    }

    /// <summary>Makes an image of the tar of a root file system.</summary>
    public void Import(string archive, string image) => Shell.Time($"{Command} import {archive} {Prefix}{image}");

    /// <summary>Milliseconds of a container of <c>true</c> in the default bridge network with a published port, removed after.</summary>
    public double RunPublished() => Shell.Time($"{Command} run --rm -p 80 {Prefix}{Workshop.Image} true");

    /// <summary>Starts a container in the default bridge network with its port 80 published, and tells on which of the machine.</summary>
    public int Publish(string name, string image, string command)
    {
        Shell.Time($"{Command} run -d -p 80 --name {name} {Prefix}{image} {command}");
        string first = Ask($"port {name} 80/tcp").Split('\n')[0];
        return int.Parse(first.AsSpan(first.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
    }

    public void CreateNetwork(string network) => Shell.Time($"{Command} network create {network}");
    public void RemoveNetwork(string network) => Shell.Time($"{Command} network rm {network}");

    /// <summary>Starts a container that sleeps in a network.</summary>
    public void Start(string name, string network) =>
        Shell.Time($"{Command} run -d --network {network} --name {name} {Prefix}{Workshop.Image} sleep 10000");

    private string Ask(string arguments) => Processes.Run("sh", "-c", $"{Variables} {Command} {arguments}").Trim();

    /// <summary>Variables that <see cref="Command"/> needs outside of <see cref="Shell"/>.</summary>
    protected virtual string Variables => "";
}
