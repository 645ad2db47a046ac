using System.Diagnostics;
using System.Net;
using DockerPS.Linux.Netlink;

namespace DockerPS.Bench;

/// <summary>
/// The network namespace of a run: bridges, rules and settings of all subjects are made in it and go with it; those of the machine are
/// not touched.
/// </summary>
internal static class OwnNetwork
{
    private const string Outside = "DOCKERPS_BENCH_OUTSIDE", Interface = "bench0", OtherEnd = "bench1", Own = "/proc/self/ns/net";
    private const int LoopbackIndex = 1, Prefix = 24;

    /// <summary>The machine's address in it that is not loopback, of TEST-NET-1.</summary>
    public static IPAddress Address { get; } = IPAddress.Parse("192.0.2.1");

    /// <summary>Whether this process is in it.</summary>
    public static bool IsHere => Environment.GetEnvironmentVariable(Outside) is { } outside && outside != Name();

    /// <summary>Runs this program again in a new one, to its end.</summary>
    public static int Run(string[] arguments)
    {
        string program = Environment.ProcessPath!;
        string[] command = Path.GetFileName(program) == "dotnet" ? [program, Environment.GetCommandLineArgs()[0]] : [program];
        // Both get a terminal's Ctrl-C; the inner one cleans up.
        Console.CancelKeyPress += (_, e) => e.Cancel = true;
        using Process process = Process.Start(new ProcessStartInfo("unshare", ["--net", "--", .. command, .. arguments])
        {
            Environment = { [Outside] = Name() },
        })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Loopback, and a cable with both ends here, so that the machine has an address.</summary>
    public static void SetUp()
    {
        using RouteSocket routes = RouteSocket.Open();
        routes.SetUp(LoopbackIndex);
        routes.AddVeth(new NewLink(Interface) { Up = true }, new NewLink(OtherEnd));
        routes.SetUp(Index(OtherEnd));
        routes.AddAddress(Index(Interface), Address, Prefix);
        // Docker lets all else that is forwarded be dropped if it is the one who turns forwarding on; then no other engine could use the kernel's NAT.
        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");

        int Index(string name) => routes.Find(name)!.Value.Index;
    }

    private static string Name() => File.ResolveLinkTarget(Own, returnFinalTarget: false)!.Name;
}
