using System.Diagnostics;
using System.Globalization;

namespace DockerPS.Bench.Peers;

/// <summary>
/// A small shell that runs commands and tells how long each took: a peer is not charged for this process's size when it
/// forks. It has its own mount namespace, in which a peer may see the cgroups that it understands.
/// </summary>
internal sealed class PeerShell : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string Loop = """
        while IFS= read -r command; do
          start=$EPOCHREALTIME; output=$(eval "$command" 2>&1 </dev/null); code=$?; end=$EPOCHREALTIME
          echo "$code $start $end ${output//$'\n'/ }"
        done
        """;

    private readonly Process _process;

    public PeerShell(string prepare = ":")
    {
        _process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "slave", "bash", "-c", prepare + "\n" + Loop])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["LC_ALL"] = "C" },
        })!;
    }

    /// <summary>Milliseconds of a command; anything but success is an exception with what it said.</summary>
    public double Time(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        Task<string?> answer = _process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(Limit))
            throw new TimeoutException($"{command} took more than {Limit.TotalMinutes} minutes.");
        string[] parts = (answer.Result ?? throw new InvalidOperationException("the shell has ended")).Split(' ', 4);
        if (parts[0] != "0")
            throw new InvalidOperationException($"{command}: {parts[^1]}");
        return (double.Parse(parts[2], CultureInfo.InvariantCulture) - double.Parse(parts[1], CultureInfo.InvariantCulture)) * 1000;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
